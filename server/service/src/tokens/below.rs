//! What a token of a service account can be narrowed to.

use domain::access::{Place, Visible};
use domain::page::PageQuery;
use domain::service::{PlaceStep, ServiceError};
use storage::PlaceRecord;

use super::Tokens;
use crate::access::list::steps;
use crate::error::stored;

impl Tokens {
    /// A place and those below it, each with the way to it: resource groups, and clusters as many as one page of them has.
    pub(super) async fn places_below(
        &self,
        outer: &PlaceRecord,
    ) -> Result<Vec<Vec<PlaceStep>>, ServiceError> {
        let visible = Visible::Places(vec![outer.place]);
        let below = |place: &Place| *place != outer.place && outer.place.contains(place);
        let mut places = vec![steps(outer)];
        let groups = self.storage.places(&visible).await.map_err(stored)?;
        for group in groups.into_iter().filter(|group| below(&group.place)) {
            places.push(steps(&PlaceRecord {
                place: group.place,
                subscription_name: group.subscription_name,
                resource_group_name: group.resource_group_name,
                resource_group_display_name: group.resource_group_display_name,
                cluster_name: None,
            }));
        }
        let clusters = self.storage.clusters(&visible, &PageQuery::default()).await.map_err(stored)?;
        for cluster in clusters.items.into_iter().filter(|cluster| below(&cluster.place)) {
            places.push(steps(&PlaceRecord {
                place: cluster.place,
                subscription_name: cluster.subscription_name,
                resource_group_name: Some(cluster.resource_group_name),
                resource_group_display_name: Some(cluster.resource_group_display_name),
                cluster_name: Some(cluster.name),
            }));
        }
        Ok(places)
    }
}
