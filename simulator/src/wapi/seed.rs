//! The cases, follow-ups, tasks and FAQs that are there at first.

use jiff::SignedDuration;

use super::{
    crm::Crm,
    record::{CAME_BY_EMAIL, Record},
    timeline::Timeline,
    words::{DESCRIPTIONS, FAQ_CATEGORIES, QUESTIONS, SUBJECTS},
};
use crate::{
    attachments::Holder,
    chance::mix,
    settings::{CrmObject, UserDefinition},
};

/// Fills a CRM. One in twelve records was created by a deleted agent, one in ten cases by a
/// customer; some are assigned to groups, deleted ones among them, or to nobody.
pub(super) fn fill(crm: &mut Crm, seed: u64, timeline: Timeline) {
    let seeder = Seeder { seed, timeline };
    if crm.table(CrmObject::Customer).len() > 0 {
        for nth in 0..crm.settings.cases {
            let case = seeder.case(crm, nth);
            crm.seed(CrmObject::Case, case);
        }
        for nth in 0..if crm.settings.cases > 0 { crm.settings.followups } else { 0 } {
            let followup = seeder.followup(crm, nth);
            crm.seed(CrmObject::Followup, followup);
        }
        for nth in 0..crm.settings.tasks {
            let task = seeder.task(crm, nth);
            crm.seed(CrmObject::Task, task);
        }
    }
    for nth in 0..crm.settings.faq_categories {
        let category = seeder.category(nth);
        crm.seed(CrmObject::FaqCategory, category);
    }
    for nth in 0..if crm.settings.faq_categories > 0 { crm.settings.faqs } else { 0 } {
        let faq = seeder.faq(crm, nth);
        crm.seed(CrmObject::Faq, faq);
    }
    crm.begin();
}

/// The guide's example has 183.
const FIRST_TASK: u64 = 170;

/// One case number in ten is missing.
fn case_number(crm: &Crm, nth: u64) -> u64 {
    crm.settings.first_case_number + nth + nth / 9
}

/// What a draw is for.
#[derive(Clone, Copy)]
enum About {
    Customer = 31,
    Text,
    Status,
    List,
    Media,
    Creator,
    Assignee,
    Modified,
    Time,
    Other,
}

struct Seeder {
    seed: u64,
    timeline: Timeline,
}

impl Seeder {
    fn case(&self, crm: &Crm, nth: u64) -> Record {
        let object = CrmObject::Case;
        let draw = |about| self.draw(object, about, nth);
        let id = case_number(crm, nth);
        let mut case = self.record(object, id, nth, crm.settings.cases);
        case.set("ACCOUNTNUM", &self.customer(crm, object, nth));
        case.set("SUBJECT", self.pick(&SUBJECTS, object, About::Text, nth));
        case.set("DESCRIPTION", self.pick(&DESCRIPTIONS, object, About::Other, nth));
        for list in ["PRIORITY", "SEVERITY", "CATEGORY", "PROJECT"] {
            case.set(list, &self.listed(crm, list, object, nth));
        }
        let private = nth.is_multiple_of(7) && nth / 7 < crm.settings.private_cases;
        let visibility = if draw(About::Time).is_multiple_of(4) { "External" } else { "Internal" };
        case.set("VISIBILITY", if private { "Private" } else { visibility });
        let media = self.pick(&["Phone", "Chat", "Email", "None"], object, About::Media, nth);
        case.set("MEDIATYPE", media);
        let creator = match draw(About::Creator) % 10 {
            0 => "",
            _ => self.agent(crm, object, About::Creator, nth),
        };
        case.set("CREATEDBY", creator);
        if creator.is_empty() && media == "Email" {
            case.set(CAME_BY_EMAIL, "Y");
        }
        self.set_case_status(crm, &mut case, nth);
        case
    }

    fn set_case_status(&self, crm: &Crm, case: &mut Record, nth: u64) {
        let object = CrmObject::Case;
        let statuses = crm.settings.picklists.iter().find(|list| list.name == "STATUS");
        let statuses = statuses.map_or(&[][..], |list| &list.values);
        let unassigned = crm.settings.unassigned_status.as_str();
        let status = match statuses.len() as u64 {
            0 => unassigned,
            many => &statuses[(self.draw(object, About::Status, nth) % many) as usize],
        };
        case.set("STATUS", status);
        if status != unassigned {
            case.set("ASSIGNEDTO", self.assignee(crm, object, nth));
            case.set("ASSIGNEDDATE", &crm.day(case.created));
        }
        if status == crm.settings.closed_status {
            let closer = self.agent(crm, object, About::Assignee, nth);
            case.set("CLOSEDBY", closer);
            case.set("CLOSEDDATE", &crm.day(case.modified));
        }
    }

    fn followup(&self, crm: &Crm, nth: u64) -> Record {
        let object = CrmObject::Followup;
        let cases = crm.table(CrmObject::Case);
        let case = self.draw(object, About::Customer, nth) % cases.len();
        let case = crm.get(CrmObject::Case, case_number(crm, case));
        let mut followup = self.record(object, nth + 1, nth, crm.settings.followups);
        let Some(case) = case else { return followup };
        followup.created = followup.created.max(case.created());
        followup.modified = followup.created;
        followup.set("CASENUM", &case.get("CASENUM"));
        followup.set("FOLLOWUPNUM", &crm.next_followup(case.id()).to_string());
        followup.set("SUBJECT", self.pick(&SUBJECTS, object, About::Text, nth));
        followup.set("DESCRIPTION", self.pick(&DESCRIPTIONS, object, About::Other, nth));
        for tag in ["STATUS", "PRIORITY", "SEVERITY", "CATEGORY", "PROJECT"] {
            followup.set(tag, &case.get(tag));
        }
        followup.set("VISIBILITY", "Internal");
        let media = ["Phone", "Chat", "Email", "Other", "Voice"];
        followup.set("MEDIATYPE", self.pick(&media, object, About::Media, nth));
        followup.set("CREATEDBY", self.agent(crm, object, About::Creator, nth));
        let files = crm.files.count(Holder { object, id: followup.id });
        followup.set("ATTACHMENTS", &files.to_string());
        followup
    }

    fn task(&self, crm: &Crm, nth: u64) -> Record {
        let object = CrmObject::Task;
        let draw = |about| self.draw(object, about, nth);
        let id = FIRST_TASK + nth + nth / 5;
        let mut task = self.record(object, id, nth, crm.settings.tasks);
        task.set("ACCOUNTNUM", &self.customer(crm, object, nth));
        task.set("SUBJECT", self.pick(&SUBJECTS, object, About::Text, nth));
        task.set("DESCRIPTION", self.pick(&DESCRIPTIONS, object, About::Other, nth));
        task.set("CREATEDBY", self.agent(crm, object, About::Creator, nth));
        let is_assigned = !draw(About::Status).is_multiple_of(12);
        let assignee = if is_assigned { self.assignee(crm, object, nth) } else { "" };
        task.set("ASSIGNEDTO", assignee);
        task.set("TASK_STATUS", &self.listed(crm, "TASK_STATUS", object, nth));
        task.set("CALL_TYPE", &self.listed(crm, "CALL_TYPE", object, nth));
        let media = self.pick(&["Phone", "Chat", "Email", "None"], object, About::Media, nth);
        task.set("MEDIATYPE", media);
        match media {
            "Phone" => task.set("PHONE", &format!("1-555-{:03}-{:04}", id % 900, id * 7 % 9_000)),
            "Email" => task.set("EMAIL", &format!("task{id}@example.com")),
            _ => {}
        }
        let due = task.created.checked_add(SignedDuration::from_hours((id % 400) as i64));
        let due = crm.zone.to_datetime(due.unwrap_or(task.created));
        let (hour, minute) = (due.hour(), due.minute() / 15 * 15);
        let day = crm.day(task.created.max(task.modified));
        task.set("DUEDATE", &format!("{day}{hour:02}{minute:02}"));
        task.set("REMINDER", if draw(About::Time).is_multiple_of(3) { "Y" } else { "N" });
        if media == "Phone" {
            task.set("CALLDURATION", &(draw(About::Time) % 900).to_string());
            task.set("TRANSID", &format!("{:010}", draw(About::Other) % 10_000_000_000));
            task.set(
                "CAMPAIGNNAME",
                if id.is_multiple_of(2) { "Promotional Campaign" } else { "" },
            );
        }
        task
    }

    fn category(&self, nth: u64) -> Record {
        let object = CrmObject::FaqCategory;
        let name = FAQ_CATEGORIES[nth as usize % FAQ_CATEGORIES.len()];
        let name = match nth / FAQ_CATEGORIES.len() as u64 {
            0 => name.into(),
            round => format!("{name} {}", round + 1),
        };
        let private = if nth % 4 == 3 { "Y" } else { "N" };
        let category = Record::new(nth + 1, self.timeline.from()).with("FAQCATEGORY", &name);
        category.with("PRIVATE", private).with(object.id_tag(), &(nth + 1).to_string())
    }

    fn faq(&self, crm: &Crm, nth: u64) -> Record {
        let object = CrmObject::Faq;
        let mut faq = self.record(object, nth + 1, nth, crm.settings.faqs);
        let (question, answer) = QUESTIONS[nth as usize % QUESTIONS.len()];
        let round = nth / QUESTIONS.len() as u64;
        let question = if round > 0 { format!("{question} ({round})") } else { question.into() };
        faq.set("FAQCATID", &(nth % crm.settings.faq_categories + 1).to_string());
        faq.set("QUESTION", &question);
        faq.set("ANSWER", answer);
        faq.set(
            "SHORTCUT",
            &if nth.is_multiple_of(3) { format!("faq{nth}") } else { String::new() },
        );
        faq.set("PRIVATE", if nth.is_multiple_of(5) { "Y" } else { "N" });
        faq.set("LANGUAGE", "en");
        faq
    }

    /// A record with its number; created in the order of the numbers, some of them modified.
    fn record(&self, object: CrmObject, id: u64, nth: u64, count: u64) -> Record {
        let timeline = &self.timeline;
        let created = timeline.created(nth, count, self.draw(object, About::Time, nth));
        let mut record =
            Record::new(id, timeline.at(created)).with(object.id_tag(), &id.to_string());
        let draw = self.draw(object, About::Modified, nth);
        if draw.is_multiple_of(2) {
            record.modified = timeline.at(created.max(draw / 2 % timeline.seconds()));
        }
        record
    }

    /// A customer who is there at first: half of the records are of a few.
    fn customer(&self, crm: &Crm, object: CrmObject, nth: u64) -> String {
        let draw = self.draw(object, About::Customer, nth);
        let customers = crm.table(CrmObject::Customer);
        let among = if draw.is_multiple_of(2) { customers.len().min(40) } else { customers.len() };
        customers.nth_seeded(draw / 2 % among).map(|id| id.to_string()).unwrap_or_default()
    }

    /// A value of a list; one in thirty is a deactivated one.
    fn listed(&self, crm: &Crm, list: &str, object: CrmObject, nth: u64) -> String {
        let Some(found) = crm.settings.picklists.iter().find(|known| known.name == list) else {
            return String::new();
        };
        let name = list.bytes().map(u64::from).sum::<u64>();
        let draw = mix(&[self.draw(object, About::List, nth), name]) >> 1;
        let old = draw.is_multiple_of(30) && !found.deactivated.is_empty();
        let values = if old { &found.deactivated } else { &found.values };
        let place = draw / 30 % (values.len() as u64).max(1);
        values.get(place as usize).cloned().unwrap_or_default()
    }

    /// An agent; one in twelve times a deleted one.
    fn agent<'a>(&self, crm: &'a Crm, object: CrmObject, about: About, nth: u64) -> &'a str {
        self.user(&crm.settings.agents, self.draw(object, about, nth) / 10, 12)
    }

    /// An agent, or one in six times a group.
    fn assignee<'a>(&self, crm: &'a Crm, object: CrmObject, nth: u64) -> &'a str {
        let draw = self.draw(object, About::Assignee, nth);
        match draw % 6 {
            0 if !crm.settings.groups.is_empty() => self.user(&crm.settings.groups, draw / 6, 4),
            _ => self.user(&crm.settings.agents, draw / 6, 12),
        }
    }

    /// A user; one in so many is a deleted one.
    fn user<'a>(&self, users: &'a [UserDefinition], draw: u64, one_in: u64) -> &'a str {
        let deleted = draw.is_multiple_of(one_in);
        let fitting: Vec<_> = users.iter().filter(|user| user.deleted == deleted).collect();
        match fitting.len() as u64 {
            0 => users.first().map_or("", |user| &user.id),
            many => &fitting[(draw / one_in % many) as usize].id,
        }
    }

    fn pick<'a>(&self, list: &[&'a str], object: CrmObject, about: About, nth: u64) -> &'a str {
        list[(self.draw(object, about, nth) % list.len() as u64) as usize]
    }

    fn draw(&self, object: CrmObject, about: About, nth: u64) -> u64 {
        mix(&[self.seed, object as u64 + 100, about as u64, nth]) >> 1
    }
}
