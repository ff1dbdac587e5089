//! The record that a number names, as the tenant holds it now.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::own::can_be_asked;
use crate::{
    clock::Dice,
    crm::Object,
    load::Turn,
    tenant::{Crm, Trouble},
    wire::wapi::Item,
};

const BY_DELETED: (&str, &str) = ("CREATEDBY", "Deleted Agents");
const TO_DELETED: (&str, &str) = ("ASSIGNEDTO", "Deleted Agents");
const TO_DELETED_GROUPS: (&str, &str) = ("ASSIGNEDTO", "Deleted Groups");
const TO_NOBODY: (&str, &str) = ("ASSIGNEDTO", "None");

/// Parameters of a Get beside the number.
type More = &'static [(&'static str, &'static str)];

/// What to ask beside the number, one after the other until the record is found: a Get without a
/// word about agents leaves out what belongs to deleted ones (rulings DELETED_AGENTS_SCOPE).
const MORE: &[(Object, &[More])] = &[
    (Object::Case, &[&[], &[BY_DELETED]]),
    (
        Object::Task,
        &[
            &[],
            &[TO_NOBODY],
            &[TO_DELETED],
            &[TO_DELETED_GROUPS],
            &[BY_DELETED],
            &[BY_DELETED, TO_NOBODY],
            &[BY_DELETED, TO_DELETED],
            &[BY_DELETED, TO_DELETED_GROUPS],
        ],
    ),
];

/// Where the number alone finds a record.
const NOTHING_MORE: &[More] = &[&[]];

/// Finds records by their numbers.
#[derive(Debug)]
pub struct Held {
    crm: Crm,
    object: Object,
    /// All FAQs by their numbers, read when the first is wanted.
    faqs: OnceCell<BTreeMap<String, Item>>,
}

impl Held {
    /// Nothing is read yet.
    pub fn new(crm: Crm, object: Object) -> Self {
        Held { crm, object, faqs: OnceCell::new() }
    }

    /// The record with this key; `anew` where what was read before may have changed since.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn by_key(
        &self,
        turn: Turn,
        key: &[(&str, &str)],
        anew: bool,
        dice: &Dice,
    ) -> Result<Option<Item>, Trouble> {
        if self.object == Object::Faq {
            drop(turn);
            return self.faq(key, anew, dice).await;
        }
        // Get takes no FAQCATID of a category and no FOLLOWUPNUM: the rest is compared here.
        let asked = key.iter().copied();
        let asked = asked.filter(|(tag, value)| can_be_asked(self.object, &[], tag, value));
        let is_it = |item: &Item| {
            key.iter().all(|(tag, value)| item.value(tag).map(str::trim) == Some(*value))
        };
        let more = MORE.iter().find(|(of, _)| *of == self.object);
        let mut turn = Some(turn);
        for more in more.map_or(NOTHING_MORE, |(_, more)| *more) {
            let turn = match turn.take() {
                Some(turn) => turn,
                None => self.crm.permit().await,
            };
            let question = asked.clone().chain(more.iter().copied());
            let items = self.crm.look(turn, self.object, question).await?;
            if let Some(held) = items.into_iter().find(is_it) {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// FAQs have no Get by number (ruling FAQ_GET_TAGS): all are read, and found here.
    async fn faq(
        &self,
        key: &[(&str, &str)],
        anew: bool,
        dice: &Dice,
    ) -> Result<Option<Item>, Trouble> {
        let number = key.iter().find(|(tag, _)| *tag == "FAQID").map_or("", |(_, value)| value);
        if anew {
            return Ok(self.all_faqs(dice).await?.remove(number));
        }
        let faqs = self.faqs.get_or_try_init(|| self.all_faqs(dice)).await?;
        Ok(faqs.get(number).cloned())
    }

    async fn all_faqs(&self, dice: &Dice) -> Result<BTreeMap<String, Item>, Trouble> {
        // "Use <STRING>%<STRING> to fetch all FAQs" (wapi:4209).
        let all = [("STRING", "%")];
        let items = self.crm.ask(Object::Faq, "GET", "FAQ", &all, dice).await?;
        let numbered =
            items.into_iter().filter_map(|item| Some((item.value("FAQID")?.to_owned(), item)));
        let faqs = numbered.collect();
        Ok(faqs)
    }
}
