//! Stories of lost work, told of other tools, and that they end well here: nothing is deleted on doubt, and what
//! happened is said. `server/tests/README.md` says which rule each test proves.

mod away;
mod credential;
mod partly;
mod restored;
mod source;
mod upgraded;
