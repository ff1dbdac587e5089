//! Names of columns, as people and programs write them, by the field that they mean.
//!
//! A name is compared without case, accents and anything that is no letter or digit: `First Name`,
//! `first_name` and `FirstName` are one. The earlier a name stands in its list, the surer it is.
//! Languages: English, German, French, Spanish, Italian, Portuguese, Dutch. Systems: Salesforce
//! (reports and Data Loader), HubSpot, Zendesk, and the tenant's own names.

/// What a column means, beyond the fields of the documents.
pub(super) const FULL_NAME: &str = "(full name)";
/// Whether somebody does not want to be called or written to.
pub(super) const OPT_OUT: &str = "(opt-out)";
/// The number that the old system has for the record.
pub(super) const OLD_NUMBER: &str = "(old number)";

/// A field and the names of columns that mean it.
pub(super) struct Synonyms {
    pub field: &'static str,
    pub names: &'static [&'static str],
}

const fn of(field: &'static str, names: &'static [&'static str]) -> Synonyms {
    Synonyms { field, names }
}

/// Names of customers' fields, of people and their addresses.
#[rustfmt::skip]
pub(super) const CUSTOMER: &[Synonyms] = &[
    of("ACCOUNTNUM", &["accountnum", "accountnumber", "customernumber", "customerid", "kundennummer", "kundennr", "kontonummer", "numeroclient", "numerodeclient", "numerocliente", "codicecliente", "codigocliente", "klantnummer"]),
    of("FIRSTNAME", &["firstname", "givenname", "forename", "vorname", "prenom", "nombre", "primernombre", "nombredepila", "nome", "primeironome", "voornaam", "contactfirstname", "billingfirstname"]),
    of("LASTNAME", &["lastname", "surname", "familyname", "nachname", "familienname", "zuname", "nomdefamille", "nom", "apellidos", "apellido", "cognome", "sobrenome", "apelido", "achternaam", "familienaam", "contactlastname", "billinglastname"]),
    of("EMAIL", &["email", "emailaddress", "mail", "mailaddress", "primaryemail", "workemail", "contactemail", "useremail", "requesteremail", "emailadresse", "mailadresse", "courriel", "adresseemail", "adressemail", "correo", "correoelectronico", "direcciondecorreo", "postaelettronica", "indirizzoemail", "enderecodeemail", "correioeletronico", "emailadres", "hsemail", "personemail"]),
    of("COMPANY", &["company", "companyname", "accountname", "account", "organization", "organisation", "organizationname", "organisationsname", "employer", "firma", "firmenname", "unternehmen", "societe", "entreprise", "raisonsociale", "empresa", "compania", "nombredelaempresa", "azienda", "societa", "ragionesociale", "companhia", "bedrijf", "bedrijfsnaam", "organisatie", "associatedcompany", "primaryassociatedcompany"]),
    of("VOICE", &["phone", "phonenumber", "telephone", "telephonenumber", "businessphone", "workphone", "officephone", "mainphone", "primaryphone", "tel", "telno", "voice", "telefon", "telefonnummer", "rufnummer", "festnetz", "telefongeschaftlich", "telefone", "telefono", "numerodetelephone", "numerodetelefono", "numeroditelefono", "numerodetelefone", "telefoon", "telefoonnummer", "teleph", "contactphone", "personphone", "userphone"]),
    of("ALTERNATIVE", &["mobile", "mobilephone", "mobilephonenumber", "mobilenumber", "cell", "cellphone", "cellular", "otherphone", "homephone", "phone2", "secondaryphone", "alternatephone", "alternativephone", "handy", "mobil", "mobiltelefon", "handynummer", "mobilnummer", "telefonprivat", "portable", "telephoneportable", "movil", "celular", "telefonomovil", "cellulare", "telefonocellulare", "telemovel", "mobiel", "mobieltelefoon", "gsm"]),
    of("FAX", &["fax", "faxnumber", "telefax", "faxnummer", "telecopie", "numerofax", "businessfax"]),
    of("COMMENTS", &["comments", "comment", "notes", "note", "description", "remarks", "details", "bemerkung", "bemerkungen", "kommentar", "notiz", "notizen", "beschreibung", "commentaire", "commentaires", "remarques", "comentario", "comentarios", "observaciones", "notas", "commento", "commenti", "observacoes", "opmerking", "opmerkingen", "notities", "hsleadnotes"]),
    of("ADDR1STR1", &["street", "address", "address1", "streetaddress", "mailingstreet", "mailingaddress", "mailingaddressline1", "billingstreet", "billingaddressline1", "billingaddress", "addressline1", "addressstreet", "street1", "strasse", "strassehausnummer", "strasseundhausnummer", "anschrift", "adresse", "rue", "adresse1", "calle", "direccion", "domicilio", "via", "indirizzo", "rua", "endereco", "morada", "straat", "adres", "straatnaam", "mailingstreetline1"]),
    of("ADDR1STR2", &["street2", "address2", "addressline2", "mailingaddressline2", "mailingstreet2", "billingstreet2", "suite", "adresszusatz", "adresse2", "complementadresse", "complementdadresse", "direccion2", "piso", "indirizzo2", "complemento", "endereco2", "adresregel2", "toevoeging"]),
    of("ADDR1CITY", &["city", "town", "mailingcity", "billingcity", "addresscity", "locality", "ort", "stadt", "wohnort", "ville", "ciudad", "poblacion", "localidad", "citta", "comune", "cidade", "localidade", "stad", "plaats", "woonplaats"]),
    of("ADDR1STATE", &["state", "stateregion", "stateprovince", "province", "region", "mailingstate", "mailingstateprovince", "mailingstatecode", "billingstate", "billingstateprovince", "addressstate", "bundesland", "departement", "etat", "provincia", "estado", "comunidad", "regione", "distrito", "uf", "provincie", "county"]),
    of("ADDR1ZIP", &["zip", "zipcode", "postalcode", "postcode", "zippostalcode", "mailingzip", "mailingpostalcode", "mailingzippostalcode", "billingpostalcode", "billingzip", "billingzippostalcode", "addresszip", "plz", "postleitzahl", "codepostal", "cp", "codigopostal", "cap", "codicepostale", "cep"]),
    of("ADDR1COUNTRY", &["country", "countryregion", "mailingcountry", "mailingcountrycode", "billingcountry", "addresscountry", "countryname", "countrycode", "land", "staat", "pays", "pais", "paese", "nazione"]),
    of("ADDR2STR1", &["otherstreet", "shippingstreet", "deliverystreet", "otheraddress", "shippingaddress", "otheraddressline1", "shippingaddressline1", "lieferstrasse", "lieferadresse", "adressedelivraison", "direcciondeenvio"]),
    of("ADDR2STR2", &["otherstreet2", "shippingstreet2", "otheraddressline2", "shippingaddressline2"]),
    of("ADDR2CITY", &["othercity", "shippingcity", "deliverycity", "lieferort"]),
    of("ADDR2STATE", &["otherstate", "otherstateprovince", "shippingstate", "shippingstateprovince"]),
    of("ADDR2ZIP", &["otherzip", "otherpostalcode", "otherzippostalcode", "shippingpostalcode", "shippingzip", "shippingzippostalcode", "lieferplz"]),
    of("ADDR2COUNTRY", &["othercountry", "shippingcountry", "deliverycountry", "lieferland"]),
    of("CUSTOMERTYPE", &["customertype", "contacttype", "type", "lifecyclestage", "kundentyp", "kundenart", "typedeclient", "tipodecliente", "tipocliente", "klanttype"]),
    of(FULL_NAME, &["name", "fullname", "contactname", "customername", "displayname", "requestername", "personname", "vollername", "nomcomplet", "nombrecompleto", "nomecompleto", "nomecognome", "nomeecognome", "volledigenaam", "naam", "requester"]),
    of(OPT_OUT, &["donotcall", "optout", "donotcontact", "hasoptedoutofemail", "emailoptout", "dnc", "unsubscribed", "unsubscribedfromallemail", "nocall", "bittenichtanrufen", "nichtanrufen", "werbesperre", "nepasappeler", "nollamar", "nonchiamare", "naoligar", "nietbellen"]),
    of(OLD_NUMBER, &["id", "contactid", "recordid", "accountid", "leadid", "hsobjectid", "externalid", "userid", "personid", "caseid", "ticketid", "taskid", "contactrecordid", "18digitid", "caseid18", "datensatzid", "identifiant", "identificador", "identificativo", "accountnum", "accountnumber", "customernumber", "customerid", "kundennummer", "kundennr", "kontonummer", "numeroclient", "numerodeclient", "numerocliente", "codicecliente", "codigocliente", "klantnummer"]),
];

/// Names of the fields of cases, follow-ups and tasks.
#[rustfmt::skip]
pub(super) const WORK: &[Synonyms] = &[
    of("ACCOUNTNUM", &["accountnum", "accountnumber", "customernumber", "customerid", "kundennummer", "kundennr", "numeroclient", "numerocliente", "codigocliente", "klantnummer"]),
    of("CASENUM", &["casenum", "casenumber", "caseid", "ticketnumber", "ticketid", "ticket", "fallnummer", "vorgangsnummer", "ticketnummer", "numerodeticket", "numeroticket", "numerodecaso"]),
    of("TASKNUM", &["tasknum", "tasknumber", "taskid", "aufgabennummer"]),
    of("SUBJECT", &["subject", "title", "summary", "ticketname", "tasktitle", "betreff", "thema", "titel", "sujet", "objet", "titre", "asunto", "titulo", "oggetto", "titolo", "assunto", "onderwerp"]),
    of("DESCRIPTION", &["description", "ticketdescription", "details", "body", "comment", "comments", "notes", "message", "casecomments", "commentbody", "beschreibung", "kommentar", "text", "inhalt", "notiz", "commentaire", "descripcion", "comentario", "descrizione", "commento", "descricao", "omschrijving", "beschrijving"]),
    of("STATUS", &["status", "casestatus", "ticketstatus", "zustand", "statut", "estado", "stato", "situacao"]),
    of("TASK_STATUS", &["taskstatus", "status", "state", "zustand", "statut", "estado", "stato"]),
    of("PRIORITY", &["priority", "prioritat", "prioritaet", "priorite", "prioridad", "priorita", "prioridade", "prioriteit"]),
    of("SEVERITY", &["severity", "impact", "schweregrad", "gravite", "severidad", "gravedad", "gravita", "gravidade", "ernst"]),
    of("PROJECT", &["project", "product", "projekt", "projet", "proyecto", "progetto", "projeto"]),
    of("CATEGORY", &["category", "casetype", "tickettype", "type", "casereason", "reason", "kategorie", "art", "categorie", "categoria", "soort"]),
    of("VISIBILITY", &["visibility", "public", "ispublic", "sichtbarkeit", "visibilite", "visibilidad"]),
    of("MEDIATYPE", &["mediatype", "channel", "caseorigin", "origin", "via", "source", "kanal", "herkunft", "canal", "canale", "kanaal"]),
    of("ASSIGNEDTO", &["assignedto", "assignee", "owner", "caseowner", "ticketowner", "agent", "zugewiesen", "bearbeiter", "zustandig", "assignea", "responsable", "assegnatoa", "responsavel", "toegewezenaan"]),
    of("CALL_TYPE", &["calltype", "direction", "calldirection", "anrufart", "richtung"]),
    of("PHONE", &["phone", "phonenumber", "telephone", "telefon", "telefonnummer", "rufnummer", "telefono", "telefone", "telefoon", "callee"]),
    of("EMAIL", &["email", "emailaddress", "mail", "emailadresse", "courriel", "correo", "correoelectronico"]),
    of("DUEDATE", &["duedate", "due", "duedateonly", "activitydate", "deadline", "duedatetime", "falligkeit", "falligam", "faelligam", "termin", "echeance", "datedecheance", "fechalimite", "vencimiento", "scadenza", "datavencimento", "prazo", "vervaldatum", "einddatum"]),
    of("REMINDER", &["reminder", "remind", "isreminderset", "erinnerung", "rappel", "recordatorio", "promemoria", "lembrete", "herinnering"]),
    of("CAMPAIGNNAME", &["campaignname", "campaign", "kampagne", "campagne", "campana", "campagna", "campanha"]),
    of("CALLDURATION", &["callduration", "duration", "calldurationinseconds", "seconds", "dauer", "duree", "duracion", "durata", "duracao", "duur"]),
    of("TRANSID", &["transid", "transactionid", "transaction"]),
    of(OLD_NUMBER, &["id", "recordid", "externalid", "hsobjectid", "casenumberold", "ticketid", "caseid", "taskid"]),
];

/// Names of the fields of FAQs.
#[rustfmt::skip]
pub(super) const FAQ: &[Synonyms] = &[
    of("FAQCATID", &["faqcatid", "categoryid", "kategorieid"]),
    of("FAQCATEGORY", &["faqcategory", "category", "categoryname", "section", "topic", "name", "kategorie", "rubrik", "categorie", "categoria", "rubrique"]),
    of("FAQID", &["faqid"]),
    of("QUESTION", &["question", "title", "subject", "frage", "titel", "titre", "pregunta", "titulo", "domanda", "titolo", "pergunta", "vraag"]),
    of("ANSWER", &["answer", "body", "content", "text", "solution", "antwort", "inhalt", "losung", "reponse", "respuesta", "risposta", "resposta", "antwoord"]),
    of("SHORTCUT", &["shortcut", "shortname", "slug", "kurzel", "kuerzel", "raccourci", "atajo", "scorciatoia", "atalho"]),
    of("PRIVATE", &["private", "internal", "isprivate", "intern", "privat", "prive", "privado", "privato"]),
    of("LANGUAGE", &["language", "locale", "lang", "sprache", "langue", "idioma", "lingua", "taal"]),
    of(OLD_NUMBER, &["id", "articleid", "recordid", "knowledgearticleid"]),
];

/// Names of what a campaign takes.
#[rustfmt::skip]
pub(super) const CAMPAIGN: &[Synonyms] = &[
    of("customer-id", &["customerid", "accountnum", "accountnumber", "customernumber", "customer", "kundennummer", "kundennr", "kundenid", "numeroclient", "numerodeclient", "numerocliente", "codicecliente", "codigocliente", "klantnummer", "account", "id"]),
    of("schedule-date-time", &["scheduledatetime", "callback", "callbackat", "callbacktime", "callbackdate", "callat", "calltime", "schedule", "scheduledat", "scheduled", "nextcall", "appointment", "ruckruf", "rueckruf", "ruckrufam", "wiedervorlage", "termin", "rappel", "rappelerle", "rellamada", "fechadellamada", "richiamare", "retorno", "terugbellen"]),
    of(OPT_OUT, &["donotcall", "optout", "donotcontact", "dnc", "nocall", "bittenichtanrufen", "nichtanrufen", "werbesperre", "nepasappeler", "nollamar", "nonchiamare", "naoligar", "nietbellen"]),
];

/// Names of what a call is placed with.
#[rustfmt::skip]
pub(super) const CALLS: &[Synonyms] = &[
    of("agentId", &["agentid", "agentinternalid", "internalid", "agentguid", "agent", "assignedagent", "agentenid", "agentkennung", "idagent", "iddelagente", "idagente"]),
    of("prefix", &["prefix", "dialprefix", "dialingprefix", "dialoutprefix", "outboundprefix", "prefixe", "prefijo", "prefisso", "prefixo"]),
    of("number", &["number", "phone", "phonenumber", "telephone", "telephonenumber", "callbacknumber", "numbertodial", "numbertocall", "dialnumber", "destination", "callee", "tel", "telno", "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "telefon", "telefonnummer", "rufnummer", "rueckrufnummer", "handy", "mobiltelefon", "numerodetelephone", "telefono", "numerodetelefono", "numeroditelefono", "cellulare", "movil", "celular", "telefone", "numerodetelefone", "telemovel", "telefoon", "telefoonnummer", "mobiel"]),
    of("callerId", &["callerid", "calleridnumber", "outboundcallerid", "callingnumber", "presentednumber", "cli", "ani", "angezeigterufnummer", "absendernummer"]),
    of("queueId", &["queueid", "queue", "outboundqueue", "skillid", "queuenumber", "warteschlange", "warteschlangeid", "fileid", "cola", "coda", "fila", "wachtrij"]),
    of("dialplanId", &["dialplanid", "dialplan", "wahlplan"]),
    of("forceCall", &["forcecall", "force", "forced"]),
    of(OPT_OUT, &["donotcall", "optout", "donotcontact", "dnc", "nocall", "bittenichtanrufen", "nichtanrufen", "werbesperre", "nepasappeler", "nollamar", "nonchiamare", "naoligar", "nietbellen"]),
];

/// Words in front of a name that say whose it is, and nothing more.
pub(super) const PREFIXES: &[&str] = &[
    "contact",
    "customer",
    "client",
    "kunde",
    "lead",
    "person",
    "requester",
    "primary",
    "main",
    "work",
    "business",
    "user",
    "cust",
    "properties",
];

/// A name in the form in which names are compared.
pub(super) fn plain(name: &str) -> String {
    // `Amount__c` is how Salesforce names a field of one's own.
    let name = name.trim().strip_suffix("__c").unwrap_or(name.trim());
    any_ascii::any_ascii(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_form_in_which_it_is_compared_and_means_one_field() {
        for table in [CUSTOMER, WORK, FAQ, CAMPAIGN, CALLS] {
            for synonyms in table {
                for name in synonyms.names {
                    assert_eq!(*name, plain(name));
                    let twice = synonyms.names.iter().filter(|other| *other == name).count();
                    assert_eq!(twice, 1, "{name} of {}", synonyms.field);
                }
            }
        }
    }

    #[test]
    fn names_are_compared_without_case_accents_and_marks() {
        for (name, form) in [
            ("Mailing State/Province", "mailingstateprovince"),
            ("Straße & Hausnummer", "strassehausnummer"),
            ("Prénom", "prenom"),
            ("First_Name", "firstname"),
            ("Region__c", "region"),
        ] {
            assert_eq!(plain(name), form);
        }
    }
}
