//! What a run would ask the CRM for, told without asking.

use super::{
    asked::Asked,
    options::{RangeBy, WapiExtract},
    planner::AIM,
    strands::{self, Strand},
    window::{Window, number_tag},
};
use crate::crm::Object;

impl WapiExtract {
    /// What a run asks for, one thing after the other, for a person.
    pub fn outlook(&self, asked: &Asked) -> Vec<String> {
        let object = self.object.value;
        let taken: Vec<&str> = self.r#where.0.iter().map(|(tag, _)| tag.value.as_str()).collect();
        let mut told = match object {
            Object::FaqCategory => vec!["the categories of FAQs, at once".into()],
            Object::Faq => self.faqs(asked, &taken),
            _ => self.records(asked, &taken),
        };
        if !taken.is_empty() {
            told.push(format!("all of it only where {}", self.conditions()));
        }
        told
    }

    fn faqs(&self, asked: &Asked, taken: &[&str]) -> Vec<String> {
        let days = of_days(asked);
        match taken.contains(&"FAQCATID") || taken.contains(&"STRING") {
            true => vec![format!("FAQs{days}")],
            false => vec!["the list of categories".into(), format!("the FAQs of each{days}")],
        }
    }

    fn records(&self, asked: &Asked, taken: &[&str]) -> Vec<String> {
        let object = self.object.value;
        // Follow-ups have no overview of their own.
        let of = if object == Object::Followup { Object::Case } else { object };
        let mut told = vec![format!(
            "the first and the last number of the {of} records, and how many there are (FIRSTID, \
             LASTID, TOTAL)"
        )];
        let all = taken.is_empty() && asked.days.is_empty();
        if all && matches!(object, Object::Case | Object::Task) {
            told.push("the first and the last of them, for the days of their creation".into());
        }
        let mut strands = strands::always(object, taken);
        if !all {
            strands.extend(strands::in_doubt(object, taken));
        }
        let by_number = number_tag(object).filter(|tag| !taken.contains(tag));
        let by_days = matches!(self.range.by, Some(RangeBy::Created | RangeBy::Modified));
        let rows = self.range.rows.unwrap_or(AIM);
        let whole = match by_number {
            _ if !asked.days.is_empty() => {
                for (day, from, to) in &asked.days {
                    let window = Window::of_days(0, *day, *from, *to);
                    told.push(format!("{object} records {}", window.name()));
                }
                String::new()
            }
            Some(tag) if object == Object::Followup || !by_days => {
                format!("all {object} records by the beginnings of {tag}, about {rows} to a reply")
            }
            _ if !taken.is_empty() => {
                format!("the {object} records that fit, at once, or in parts where it is too much")
            }
            _ => format!(
                "all {object} records by the days on which they were {}, about {rows} to a reply",
                if self.range.by == Some(RangeBy::Modified) { "changed" } else { "created" }
            ),
        };
        told.extend((!whole.is_empty()).then_some(whole));
        told.extend(strands.iter().skip(1).map(|strand| format!("the same {}", named(strand))));
        if all && object != Object::Followup {
            told.push("how many there are, again: what is missing is looked for".into());
        }
        told
    }

    fn conditions(&self) -> String {
        let one = |values: &[String]| values.join(" or ");
        let tags = self.r#where.0.iter().map(|(tag, values)| {
            // What customers have typed into it is nobody's business.
            let value =
                if tag.value == super::documented::SECRET { "..".into() } else { one(values) };
            format!("{} is {value}", tag.value)
        });
        tags.collect::<Vec<_>>().join(" and ")
    }
}

fn of_days(asked: &Asked) -> String {
    match asked.days.is_empty() {
        true => String::new(),
        false => format!(" {}", asked.name()),
    }
}

fn named(Strand(tags): &Strand) -> String {
    let tags: Vec<String> = tags.iter().map(|(tag, value)| format!("{tag} {value}")).collect();
    format!("with {}", tags.join(", "))
}
