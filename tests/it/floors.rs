//! No module imports from a higher floor: `lib.rs` is the map.

use std::{collections::BTreeMap, fs, path::Path};

/// Each module with its floor, as `lib.rs` lists them.
fn floors() -> BTreeMap<String, usize> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let mut floor = 0;
    let mut floors = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("// Floor ") {
            floor = rest.split(',').next().unwrap().parse().unwrap();
        }
        if let Some(module) = line.strip_prefix("pub mod ") {
            floors.insert(module.trim_end_matches(';').to_owned(), floor);
        }
    }
    assert!(floors.len() > 10, "the list of lib.rs was not understood: {floors:?}");
    floors
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a `use crate::..` or a path in the code names.
fn imports(text: &str, floors: &BTreeMap<String, usize>) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("crate::").skip(1) {
        // `crate::{a::b, c}` names several.
        let list = match part.strip_prefix('{') {
            Some(list) => list,
            None => {
                names.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
                continue;
            }
        };
        let mut depth = 0;
        let mut name = String::new();
        let mut at_start = true;
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if depth == 0 && at_start && (c.is_alphanumeric() || c == '_') => name.push(c),
                _ => {
                    if !name.is_empty() {
                        names.push(std::mem::take(&mut name));
                        at_start = false;
                    }
                }
            }
            if at_start && c == ',' && !name.is_empty() {
                names.push(std::mem::take(&mut name));
            }
        }
        names.extend((!name.is_empty()).then_some(name));
    }
    names.retain(|name| floors.contains_key(name));
    names
}

#[test]
fn no_module_imports_from_a_higher_floor_or_from_its_neighbour() {
    let floors = floors();
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let relative = path.strip_prefix("src").unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.trim_end_matches(".rs");
        let Some(own) = floors.get(module) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for import in imports(&text, &floors) {
            let theirs = floors[&import];
            let neighbour = theirs == *own && *own > 0 && import != module;
            if theirs > *own || neighbour {
                wrong.push(format!(
                    "{} (floor {own}) imports {import} (floor {theirs})",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_lists_and_paths() {
    let floors = floors();
    let text = "use crate::{\n    batch::{Batch, Chunk},\n    run::RunError,\n    clock,\n};\nfn f() -> crate::load::Sink {}";
    assert_eq!(imports(text, &floors), ["batch", "run", "clock", "load"]);
}

#[test]
fn the_simulator_never_depends_on_the_program() {
    let manifest = fs::read_to_string("simulator/Cargo.toml").unwrap();
    let dependencies = manifest.split_once("[dependencies]").unwrap().1;
    assert!(!dependencies.contains("vccpipe"), "{dependencies}");
}
