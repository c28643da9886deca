//! Icons, drawn by us, 16 by 16, in the colour of the text around them.

use leptos::prelude::*;

/// What an icon shows. States differ in shape, not in colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// The product.
    Anchor,
    /// Installed, healthy, passed.
    Tick,
    /// Installed, with a warning.
    Remark,
    /// Pending, never synced.
    Clock,
    /// Syncing, progressing.
    Turning,
    /// Failed, degraded.
    Alert,
    /// Waits for a person; installed with a warning.
    Question,
    /// Suspended.
    Pause,
    /// Unknown, skipped.
    Dash,
    /// Missing.
    Hole,
    /// A connected cluster.
    Plug,
    /// A cluster that does not answer.
    Unplugged,
    /// Clusters.
    Cluster,
    /// Configurations.
    Configuration,
    /// Adds something.
    Plus,
    /// Syncs now.
    Sync,
    /// Deletes.
    Bin,
    /// Closes.
    Cross,
    /// Filters.
    Funnel,
    /// Theme.
    Contrast,
    /// Copies.
    Copy,
    /// Opens a menu.
    Menu,
    /// Between breadcrumbs, and onwards.
    Chevron,
    /// A person.
    Person,
    /// What programs sign in with.
    Key,
    /// What programs call.
    Braces,
    /// Subscriptions and resource groups.
    Folder,
    /// Everybody.
    People,
}

impl Glyph {
    /// The path of its outline.
    fn outline(self) -> &'static str {
        match self {
            Self::Anchor => {
                "M8 5.6V14M8 5.6a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM5.4 7.6h5.2M2.6 9.2C2.6 12 5 14 8 14s5.4-2 5.4-4.8M1.6 10.6l1-1.6 1.5 1.2M14.4 10.6l-1-1.6-1.5 1.2"
            }
            Self::Tick => "M5 8.2l2 2 4-4.4",
            Self::Remark => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.9v3.8M8 10.9v.2",
            Self::Clock => "M8 4.8V8l2.2 1.6M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z",
            Self::Turning => "M13.6 8A5.6 5.6 0 1 1 8 2.4",
            Self::Alert => {
                "M8 6.2v3M8 11.2v.2M7 2.9 1.7 12.2c-.4.8.1 1.8 1 1.8h10.6c.9 0 1.4-1 1-1.8L9 2.9a1.2 1.2 0 0 0-2 0Z"
            }
            Self::Question => {
                "M8 1.6 14.4 8 8 14.4 1.6 8ZM6.6 6.6c.2-1.9 3-1.6 2.8.1C9.2 7.9 8 7.8 8 9M8 10.900v.2"
            }
            Self::Pause => "M5.5 3.500v9M10.5 3.500v9",
            Self::Dash => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.5 8h5",
            Self::Hole => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.8 5.800l4.4 4.400M10.2 5.800l-4.4 4.4",
            Self::Plug => "M5.5 2v3.200M10.5 2v3.200M4 5.200h8v2.600a4 4 0 0 1-8 0ZM8 11.800V14",
            Self::Unplugged => {
                "M5.5 2v3.200M10.5 2v3.200M4 5.200h8v2.600a4 4 0 0 1-8 0ZM8 11.800V14M2 2l12 12"
            }
            Self::Cluster => "M8 1.8 13.4 5v6L8 14.2 2.6 11V5ZM8 8l5.4-3M8 8 2.6 5M8 8v6.2",
            Self::Configuration => {
                "M4.5 5.500a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.500ZM4.5 14a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.500ZM11.5 5.500a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.500ZM4.5 5.500v5M11.5 5.500c0 3-7 2-7 5"
            }
            Self::Plus => "M8 3v10M3 8h10",
            Self::Sync => {
                "M13.5 6.500A5.7 5.7 0 0 0 3.2 5M2.5 9.500A5.7 5.7 0 0 0 12.8 11M3 2.200V5h2.800M13 13.800V11h-2.8"
            }
            Self::Bin => "M2.5 4h11M6 4V2.500h4V4M4 4l.6 9.500h6.800L12 4M6.6 6.800v4M9.4 6.800v4",
            Self::Cross => "M3.5 3.500l9 9M12.5 3.500l-9 9",
            Self::Funnel => "M2 3h12l-4.6 5.400V13l-2.8-1.400V8.400Z",
            Self::Contrast => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h4.500M8 8h6M8 11h4.5",
            Self::Copy => "M5.5 5.500h8v8h-8ZM10.5 5.500v-3h-8v8h3",
            Self::Menu => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Chevron => "M6 3.5 10.5 8 6 12.5",
            Self::Key => {
                "M6 12.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8.2 7.400 13.500 2M11 4.500l2 2M9.300 6.200l1.200 1.200"
            }
            Self::Braces => {
                "M6 2.500c-2 0-2 1-2 2.500S4 8 2.500 8C4 8 4 9.500 4 11s0 2.500 2 2.500M10 2.500c2 0 2 1 2 2.500s0 3 1.500 3c-1.500 0-1.500 1.500-1.500 3s0 2.500-2 2.500"
            }
            Self::Folder => "M2 4.500h4l1.500 1.500H14v7H2Z",
            Self::People => {
                "M6 8a2.400 2.400 0 1 0 0-4.800A2.400 2.400 0 0 0 6 8ZM1.600 13c.3-2.300 2.100-3.500 4.400-3.500s4.100 1.200 4.400 3.500M11 7.600a2 2 0 1 0 0-4M12 9.700c1.400.4 2.300 1.500 2.500 3.300"
            }
            Self::Person => {
                "M8 8a2.7 2.7 0 1 0 0-5.400A2.7 2.7 0 0 0 8 8ZM3 13.800c.3-2.6 2.4-4 5-4s4.7 1.4 5 4"
            }
        }
    }
}

/// An icon beside a word: nothing is said by it alone, so assistive technology passes it by.
#[component]
pub fn Icon(
    /// What it shows.
    glyph: Glyph,
) -> impl IntoView {
    let class = match glyph {
        Glyph::Turning => "icon icon--turning",
        Glyph::Tick => "icon icon--filled",
        _ => "icon",
    };
    view! {
        <svg class=class viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            {(glyph == Glyph::Tick).then(|| view! { <circle class="icon__disc" cx="8" cy="8" r="6.5"></circle> })}
            <path class="icon__line" d=glyph.outline()></path>
        </svg>
    }
}
