//! The GitOps blade: a list of configurations with, perhaps, a pane over it. List and pane are one page, so
//! that opening and closing a pane leaves the list as it is.

use catalogue::text;
use domain::id::{ClusterId, ConfigurationId};
use domain::page::PageQuery;
use domain::service::{ConfigurationDetail, ConfigurationList, ServiceError};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use server_fn::ServerFn;

use super::list::List;
use crate::components::{Failure, PageHead, use_failure_status};
use crate::error::WireError;
use crate::live::Live;
use crate::pages::query::page_query_of;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::configurations::{
    CreateConfiguration, DeleteConfiguration, ReplaceConfiguration, get_configuration, list_configurations,
};
use crate::wire::{WireResource, resource};

/// What the path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The configurations of a cluster.
    Cluster(ClusterId),
    /// Of all clusters.
    Everywhere,
    /// The pane of one, over the list it was opened from.
    Pane(ConfigurationId),
    /// An id that is none.
    Nowhere,
}

impl Place {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["clusters", cluster, ..] => cluster.parse().map_or(Self::Nowhere, Self::Cluster),
            ["configurations", configuration] => configuration.parse().map_or(Self::Nowhere, Self::Pane),
            _ => Self::Everywhere,
        }
    }
}

/// Which list is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    /// A page of the list of a cluster or of all.
    Known(Option<ClusterId>, PageQuery),
    /// The pane was opened by its path: the list of its cluster.
    Beside(ConfigurationId),
    /// None.
    Nothing,
}

impl Shown {
    fn path(&self) -> String {
        match self {
            Self::Known(cluster, query) => {
                let list = cluster.map_or_else(|| routes::CONFIGURATIONS.to_owned(), routes::gitops);
                routes::list_page(&list, query.page, &query.filter)
            }
            Self::Beside(_) | Self::Nothing => routes::CONFIGURATIONS.to_owned(),
        }
    }
}

/// What the panes need from the blade they lie over.
#[derive(Clone, Copy)]
pub struct Blade {
    /// The path of the list, where closing a pane leads.
    pub list_path: Signal<String>,
    /// The configuration whose pane is open.
    pub open: Memo<Option<ConfigurationId>>,
    /// What that pane shows.
    pub detail: WireResource<Result<ConfigurationDetail, WireError>>,
    /// The list itself.
    pub list: WireResource<Result<ConfigurationList, WireError>>,
    /// What the panes do to the list; kept here, where it outlives the pane it closes.
    pub create: ServerAction<CreateConfiguration>,
    pub replace: ServerAction<ReplaceConfiguration>,
    pub delete: ServerAction<DeleteConfiguration>,
}

impl Blade {
    /// Shows what was done: the list without, with or with another configuration.
    fn follow(self) {
        let Self { list, .. } = self;
        when_done(self.create, move || list.refetch());
        when_done(self.delete, move || list.refetch());
        // The pane fetches what was saved itself and in place: loading it anew would take it down while it is read.
        when_done(self.replace, move || list.refetch());
    }
}

fn when_done<Call>(action: ServerAction<Call>, act: impl Fn() + 'static)
where
    Call: ServerFn<Output = (), Error = WireError> + Clone + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if action.value().with(|answer| matches!(answer, Some(Ok(())))) {
            act();
        }
    });
}

/// List and pane.
#[component]
pub fn GitopsBlade() -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let location = use_location();
    let query = use_query_map();
    let place = Memo::new(move |_| location.pathname.with(|path| Place::of(path)));
    let shown = Memo::new(move |before: Option<&Shown>| match (place.get(), before) {
        (Place::Cluster(cluster), _) => Shown::Known(Some(cluster), query.with(page_query_of)),
        (Place::Everywhere, _) => Shown::Known(None, query.with(page_query_of)),
        (Place::Pane(_), Some(before)) => before.clone(),
        (Place::Pane(id), None) => Shown::Beside(id),
        (Place::Nowhere, _) => Shown::Nothing,
    });
    let open = Memo::new(move |_| match place.get() {
        Place::Pane(id) => Some(id),
        Place::Cluster(_) | Place::Everywhere | Place::Nowhere => None,
    });
    let detail = resource(
        move || open.get(),
        async |id| match id {
            Some(id) => get_configuration(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let list = resource(
        move || (shown.get(), live.reloads()),
        move |(shown, _)| async move {
            match shown {
                Shown::Known(cluster, query) => list_configurations(cluster, query).await,
                Shown::Beside(_) => {
                    let cluster = detail.await?.row.cluster;
                    list_configurations(Some(cluster), PageQuery { page: 1, filter: String::new() }).await
                }
                Shown::Nothing => Err(ServiceError::NotFound.into()),
            }
        },
    );
    let list_path = Signal::derive(move || {
        let beside = match shown.get() {
            Shown::Beside(_) => {
                detail.get().and_then(Result::ok).map(|detail| routes::gitops(detail.row.cluster))
            }
            Shown::Known(..) | Shown::Nothing => None,
        };
        beside.unwrap_or_else(|| shown.with(Shown::path))
    });
    let blade = Blade {
        list_path,
        open,
        detail,
        list,
        create: ServerAction::new(),
        replace: ServerAction::new(),
        delete: ServerAction::new(),
    };
    blade.follow();
    provide_context(blade);
    let content = move || {
        Suspend::new(async move {
            match list.await {
                Ok(list) => {
                    let query = match shown.get_untracked() {
                        Shown::Known(_, query) => query,
                        Shown::Beside(_) | Shown::Nothing => PageQuery::default(),
                    };
                    view! { <List list=list query=query open=open/> }.into_any()
                }
                Err(error) if open.get_untracked().is_some() => {
                    // The pane says it already.
                    use_failure_status(&error);
                    ().into_any()
                }
                Err(error) => {
                    use_failure_status(&error);
                    let title = match shown.get_untracked() {
                        Shown::Known(Some(_), _) => text::gitops_title(locale),
                        _ => text::configurations_title(locale),
                    };
                    view! { <PageHead title=title/><Failure error=error/> }.into_any()
                }
            }
        })
    };
    let covered = move || location.pathname.with(|path| path.ends_with("/new")) || open.get().is_some();
    view! {
        <div class="blade" class:blade--covered=covered>
            <div class="blade__list"><Transition>{content}</Transition></div>
            <Outlet/>
        </div>
    }
}
