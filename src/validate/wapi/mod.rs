//! stub
use std::collections::BTreeMap;
use arrow::{datatypes::Schema, error::ArrowError};
use crate::{batch::{Batch, Fallen}, crm::{LoadAction, Object}, rules::{Fix, Rule, TenantValues}, wire::wapi::Apostrophe};
use super::{ColumnProblem, Fixed};
#[derive(Clone, Debug)]
pub struct WapiRules { pub object: Object, pub action: LoadAction }
pub struct CheckedWapi { pub batch: Batch, pub fallen: Vec<Fallen>, pub fixed: Vec<Fixed> }
impl WapiRules {
    pub fn new(object: Object, action: LoadAction, _: Vec<String>, _: BTreeMap<String, Fix>, _: Option<Apostrophe>) -> Self { WapiRules { object, action } }
    pub fn rule(&self, _: &str) -> Option<&'static Rule> { None }
    pub fn complaints(&self, _: &Schema) -> Vec<ColumnProblem> { Vec::new() }
    pub fn wanted_lists(&self, _: &Schema) -> Vec<(String, TenantValues)> { Vec::new() }
    pub fn learn(&mut self, _: BTreeMap<String, Vec<String>>) {}
    pub fn check(&self, _: &Batch) -> Result<CheckedWapi, ArrowError> { Err(ArrowError::SchemaError(String::new())) }
}
