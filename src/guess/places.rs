//! Countries as people write them, and the names that the CRM takes (ISO 3166 in English).

/// How a country is written, and its name. Compared without regard to case.
#[rustfmt::skip]
pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("US", "United States"), ("USA", "United States"), ("U.S.", "United States"),
    ("U.S.A.", "United States"), ("United States of America", "United States"),
    ("Vereinigte Staaten", "United States"), ("Etats-Unis", "United States"),
    ("États-Unis", "United States"), ("Estados Unidos", "United States"),
    ("Stati Uniti", "United States"), ("Verenigde Staten", "United States"),
    ("GB", "United Kingdom"), ("GBR", "United Kingdom"), ("UK", "United Kingdom"),
    ("U.K.", "United Kingdom"), ("Great Britain", "United Kingdom"),
    ("England", "United Kingdom"), ("Scotland", "United Kingdom"), ("Wales", "United Kingdom"),
    ("Großbritannien", "United Kingdom"), ("Vereinigtes Königreich", "United Kingdom"),
    ("Royaume-Uni", "United Kingdom"), ("Reino Unido", "United Kingdom"),
    ("Regno Unito", "United Kingdom"), ("Verenigd Koninkrijk", "United Kingdom"),
    ("DE", "Germany"), ("DEU", "Germany"), ("Deutschland", "Germany"), ("Allemagne", "Germany"),
    ("Alemania", "Germany"), ("Germania", "Germany"), ("Alemanha", "Germany"),
    ("Duitsland", "Germany"), ("BRD", "Germany"),
    ("AT", "Austria"), ("AUT", "Austria"), ("Österreich", "Austria"), ("Autriche", "Austria"),
    ("Oostenrijk", "Austria"),
    ("CH", "Switzerland"), ("CHE", "Switzerland"), ("Schweiz", "Switzerland"),
    ("Suisse", "Switzerland"), ("Svizzera", "Switzerland"), ("Suiza", "Switzerland"),
    ("Zwitserland", "Switzerland"),
    ("FR", "France"), ("FRA", "France"), ("Frankreich", "France"), ("Francia", "France"),
    ("França", "France"), ("Frankrijk", "France"),
    ("ES", "Spain"), ("ESP", "Spain"), ("España", "Spain"), ("Spanien", "Spain"),
    ("Espagne", "Spain"), ("Spagna", "Spain"), ("Espanha", "Spain"), ("Spanje", "Spain"),
    ("IT", "Italy"), ("ITA", "Italy"), ("Italia", "Italy"), ("Italien", "Italy"),
    ("Italie", "Italy"), ("Itália", "Italy"), ("Italië", "Italy"),
    ("PT", "Portugal"), ("PRT", "Portugal"), ("Portogallo", "Portugal"),
    ("BR", "Brazil"), ("BRA", "Brazil"), ("Brasil", "Brazil"), ("Brasilien", "Brazil"),
    ("Brésil", "Brazil"), ("Brazilië", "Brazil"),
    ("NL", "Netherlands"), ("NLD", "Netherlands"), ("Holland", "Netherlands"),
    ("Nederland", "Netherlands"), ("The Netherlands", "Netherlands"),
    ("Niederlande", "Netherlands"), ("Pays-Bas", "Netherlands"),
    ("Países Bajos", "Netherlands"), ("Paesi Bassi", "Netherlands"),
    ("BE", "Belgium"), ("BEL", "Belgium"), ("België", "Belgium"), ("Belgique", "Belgium"),
    ("Belgien", "Belgium"), ("Bélgica", "Belgium"),
    ("LU", "Luxembourg"), ("LUX", "Luxembourg"), ("Luxemburg", "Luxembourg"),
    ("IE", "Ireland"), ("IRL", "Ireland"), ("Irland", "Ireland"), ("Irlande", "Ireland"),
    ("PL", "Poland"), ("POL", "Poland"), ("Polska", "Poland"), ("Polen", "Poland"),
    ("Pologne", "Poland"),
    ("CZ", "Czech Republic"), ("CZE", "Czech Republic"), ("Tschechien", "Czech Republic"),
    ("Czechia", "Czech Republic"),
    ("DK", "Denmark"), ("DNK", "Denmark"), ("Danmark", "Denmark"), ("Dänemark", "Denmark"),
    ("SE", "Sweden"), ("SWE", "Sweden"), ("Sverige", "Sweden"), ("Schweden", "Sweden"),
    ("NO", "Norway"), ("NOR", "Norway"), ("Norge", "Norway"), ("Norwegen", "Norway"),
    ("FI", "Finland"), ("FIN", "Finland"), ("Suomi", "Finland"), ("Finnland", "Finland"),
    ("CA", "Canada"), ("CAN", "Canada"), ("Kanada", "Canada"), ("Canadá", "Canada"),
    ("MX", "Mexico"), ("MEX", "Mexico"), ("México", "Mexico"), ("Mexiko", "Mexico"),
    ("AU", "Australia"), ("AUS", "Australia"), ("Australien", "Australia"),
    ("NZ", "New Zealand"), ("NZL", "New Zealand"),
    ("IN", "India"), ("IND", "India"), ("Indien", "India"),
    ("CN", "China"), ("CHN", "China"), ("中国", "China"),
    ("JP", "Japan"), ("JPN", "Japan"), ("日本", "Japan"),
    ("TR", "Turkey"), ("TUR", "Turkey"), ("Türkiye", "Turkey"), ("Türkei", "Turkey"),
    ("ZA", "South Africa"), ("ZAF", "South Africa"), ("Südafrika", "South Africa"),
    ("AR", "Argentina"), ("ARG", "Argentina"), ("Argentinien", "Argentina"),
    ("CL", "Chile"), ("CHL", "Chile"), ("CO", "Colombia"), ("COL", "Colombia"),
    ("SG", "Singapore"), ("SGP", "Singapore"), ("Singapur", "Singapore"),
];

/// The name of a country that is written otherwise.
pub(super) fn country_name(word: &str) -> Option<&'static str> {
    let word = word.trim();
    let lower = word.to_lowercase();
    COUNTRIES.iter().find(|(other, _)| other.to_lowercase() == lower).map(|(_, name)| *name)
}

/// Whether a value is a country, however written.
pub(super) fn is_country(word: &str) -> bool {
    let word = word.trim();
    country_name(word).is_some()
        || COUNTRIES.iter().any(|(_, name)| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_country_is_written_as_its_own_name_or_twice() {
        for (at, (word, name)) in COUNTRIES.iter().enumerate() {
            assert_ne!(word, name);
            let again = COUNTRIES[..at]
                .iter()
                .any(|(other, _)| other.to_lowercase() == word.to_lowercase());
            assert!(!again, "{word} stands twice");
        }
        assert_eq!(country_name("deutschland"), Some("Germany"));
        assert!(is_country("Germany") && !is_country("Atlantis"));
    }
}
