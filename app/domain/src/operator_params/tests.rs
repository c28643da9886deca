use proptest::prelude::*;

use super::*;
use crate::configuration::ParameterFields;
