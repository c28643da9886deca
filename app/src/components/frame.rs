//! What is around every page: the bar on top, the navigation, the breadcrumbs.

use catalogue::{Locale, text};
use domain::service::Identity;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::raw_text::raw_text;
use super::{Glyph, Icon, KeyHelp, NativeForm, form_name, listen_for_keys};
use crate::alive::use_alive;
use crate::embedding::in_frame;
use crate::preferences::{Theme, use_locale, use_theme};
use crate::routes;
use crate::server_fns::account::{SetLocale, SetTheme, SignOut};

/// The frame of the signed-in pages.
#[component]
pub fn Frame(
    /// Who is signed in.
    identity: Identity,
    /// The page.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let help = RwSignal::new(0_u32);
    let open_help = Callback::new(move |()| help.update(|times| *times += 1));
    listen_for_keys(open_help);
    if in_frame() {
        return view! { <Framed identity=identity>{children()}</Framed> }.into_any();
    }
    view! {
        <a class="skip" href="#main" rel="external">{text::skip_to_content(locale)}</a>
        <header class="bar">
            <a class="bar__name" href=routes::CLUSTERS>
                <Icon glyph=Glyph::Anchor/>
                <span>"Fairlead"</span>
            </a>
            <div class="bar__tools">
                <HelpButton open=open_help/>
                <ThemeSwitch/>
                <LocaleSwitch/>
                <Account identity=identity.clone()/>
            </div>
        </header>
        <div class="body">
            <Navigation administrator=identity.administrator/>
            <main class="main" id="main" tabindex="-1">{children()}</main>
        </div>
        <KeyHelp open=help/>
    }
    .into_any()
}

/// Inside another origin's page: the page alone, and below it whose eyes see it.
#[component]
fn Framed(identity: Identity, children: Children) -> impl IntoView {
    let locale = use_locale();
    let location = use_location();
    let here = move || location.pathname.get() + &location.search.with(|search| question(search));
    view! {
        <main class="main main--framed" id="main" tabindex="-1">{children()}</main>
        <footer class="framed">
            <span class="framed__who">{text::framed_as(locale, &identity.name)}</span>
            <a class="framed__open" href=here target="_blank" rel="noopener external">{text::framed_open(locale)}</a>
            <NativeForm form={form_name::<SignOut>()}>
                <button class="button button--quiet">{text::sign_out(locale)}</button>
            </NativeForm>
        </footer>
    }
}

fn question(search: &str) -> String {
    if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) }
}

/// The frame of the pages before signing in.
#[component]
pub fn PlainPage(
    /// Its title.
    title: &'static str,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=page_title(title)/>
        <div class="plain">
            <header class="plain__bar">
                <span class="bar__name"><Icon glyph=Glyph::Anchor/><span>"Fairlead"</span></span>
                <div class="bar__tools"><ThemeSwitch/><LocaleSwitch/></div>
            </header>
            <main class="plain__main" id="main">
                <h1 class="plain__title">{title}</h1>
                {children()}
            </main>
        </div>
    }
}

/// One step of the way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub path: String,
}

impl Crumb {
    /// A step.
    pub fn new(label: impl Into<String>, path: impl Into<String>) -> Self {
        Self { label: label.into(), path: path.into() }
    }
}

/// The head of a page: the way to it, its title, its acts.
#[component]
pub fn PageHead(
    /// Its title, which is the browser's too.
    #[prop(into)]
    title: String,
    /// The way to it.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Beside the title.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let locale = use_locale();
    let crumbs = (!crumbs.is_empty()).then(|| {
        let steps = crumbs
            .into_iter()
            .map(|crumb| view! {
                <li class="crumbs__step">
                    <a class="crumbs__link" href=crumb.path>{crumb.label}</a>
                    <Icon glyph=Glyph::Chevron/>
                </li>
            })
            .collect_view();
        view! { <nav class="crumbs" aria-label=text::crumbs_label(locale)><ol class="crumbs__list">{steps}</ol></nav> }
    });
    view! {
        <Title text=page_title(&title)/>
        <div class="head">
            {crumbs}
            <div class="head__line">
                <h1 class="head__title">{title}</h1>
                {children.map(|children| view! { <div class="head__acts">{children()}</div> })}
            </div>
        </div>
    }
}

/// The browser's title for a page.
pub(crate) fn page_title(title: &str) -> String {
    raw_text(format!("{title} · Fairlead"))
}

#[component]
fn Navigation(administrator: bool) -> impl IntoView {
    let locale = use_locale();
    let location = use_location();
    let menu = NodeRef::<html::Details>::new();
    // On a narrow screen the navigation lies over the page: it goes when a page was chosen.
    Effect::new(move |_| {
        location.pathname.track();
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    });
    let entry = move |path: &'static str, label: &'static str, glyph: Glyph| {
        let current = move || location.pathname.with(|here| belongs(here, path)).then_some("page");
        view! {
            <li>
                <a class="nav__link" href=path aria-current=current>
                    <Icon glyph=glyph/>
                    <span class="nav__label">{label}</span>
                </a>
            </li>
        }
    };
    let entries = move || {
        view! {
            <ul class="nav__list">
                {entry(routes::CLUSTERS, text::nav_clusters(locale), Glyph::Cluster)}
                {entry(routes::CONFIGURATIONS, text::nav_configurations(locale), Glyph::Configuration)}
                {entry(routes::PLACES, text::nav_places(locale), Glyph::Folder)}
                {administrator.then(|| entry(routes::PEOPLE, text::nav_people(locale), Glyph::People))}
                {entry(routes::ACTIVITY, text::nav_activity(locale), Glyph::Clock)}
                {entry(routes::API, text::nav_api(locale), Glyph::Braces)}
                {entry(routes::SETTINGS, text::nav_settings(locale), Glyph::Key)}
            </ul>
        }
    };
    view! {
        <nav class="nav" aria-label=text::nav_label(locale)>{entries()}</nav>
        <details class="nav-menu" node_ref=menu>
            <summary class="nav-menu__button" aria-label=text::nav_menu(locale)><Icon glyph=Glyph::Menu/></summary>
            <nav class="nav-menu__panel" aria-label=text::nav_label(locale)>{entries()}</nav>
        </details>
    }
}

fn belongs(here: &str, path: &str) -> bool {
    here == path || here.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
}

#[component]
fn HelpButton(open: Callback<()>) -> impl IntoView {
    let locale = use_locale();
    // Keys need scripts, and so does their list.
    let alive = use_alive();
    view! {
        <button
            type="button"
            class="button button--quiet bar__help"
            hidden=move || !alive.get()
            aria-label=text::keys_title(locale)
            title=text::keys_title(locale)
            on:click=move |_| open.run(())
        >
            "?"
        </button>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let locale = use_locale();
    let next = use_theme().next();
    let label = match next {
        Theme::System => text::theme_to_system(locale),
        Theme::Light => text::theme_to_light(locale),
        Theme::Dark => text::theme_to_dark(locale),
    };
    view! {
        <NativeForm form={form_name::<SetTheme>()}>
            <button class="button button--quiet" name="theme" value=next.word() aria-label=label title=label>
                <Icon glyph=Glyph::Contrast/>
            </button>
        </NativeForm>
    }
}

#[component]
fn LocaleSwitch() -> impl IntoView {
    let other = match use_locale() {
        Locale::English => Locale::Chinese,
        Locale::Chinese => Locale::English,
    };
    view! {
        <NativeForm form={form_name::<SetLocale>()}>
            <button class="button button--quiet" name="locale" value=other.tag() lang=other.tag()>
                {other.name()}
            </button>
        </NativeForm>
    }
}

#[component]
fn Account(identity: Identity) -> impl IntoView {
    let locale = use_locale();
    let role = identity.administrator.then(|| text::account_administrator(locale));
    view! {
        <details class="account">
            <summary class="button button--quiet account__button" aria-label=text::account_label(locale)>
                <Icon glyph=Glyph::Person/>
                <span class="account__name">{identity.name.clone()}</span>
            </summary>
            <div class="account__panel">
                <p class="account__who">{identity.name}</p>
                {role.map(|role| view! { <p class="account__role">{role}</p> })}
                <NativeForm form={form_name::<SignOut>()}>
                    <button class="button button--plain">{text::sign_out(locale)}</button>
                </NativeForm>
            </div>
        </details>
    }
}
