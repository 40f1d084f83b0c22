//! Codes of devices → events, by the tables of `assets/codes/devices/`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::tells::{Tell, tell};
use crate::evidence::{Event, Reader};
use crate::knowledge::codes::{DeviceTable, tables};

/// What a code of a table proves. A number that the table does not have is an error all the same.
pub fn code_events(table_id: &str, number: i64, emit: &mut dyn FnMut(Event)) {
    let Some(table) = tables().device(table_id) else {
        return;
    };
    let row = table.row(number);
    let mut own_error = row.is_none();
    let tells: &[Tell] = prepared()
        .get(&(table_id.to_owned(), number))
        .or_else(|| prepared_table(table_id).filter(|_| row.is_none_or(|r| !r.ok)))
        .map_or(&[], Vec::as_slice);
    own_error |= tells.contains(&Tell::OwnError);
    for tell in tells {
        if let Tell::Event(event) = tell {
            emit(event.clone());
        }
    }
    if own_error {
        emit(Event::ErrorName {
            name: table.error_name(number),
            by: Reader::Application,
        });
    }
}

/// The same for a code that is named, with or without the table's prefix; `false` where the table has
/// no such name.
pub fn name_events(table_id: &str, name: &str, emit: &mut dyn FnMut(Event)) -> bool {
    let Some(table) = tables().device(table_id) else {
        return false;
    };
    let short = name.strip_prefix(table.prefix.as_str()).unwrap_or(name);
    let Some(row) = table.rows.iter().find(|r| r.name == short) else {
        return false;
    };
    code_events(table_id, row.number.0, emit);
    true
}

/// The code in words, such as `0x85 UNKNOWN_ERROR`.
#[must_use]
pub fn code_words(table_id: &str, number: i64) -> String {
    let Some(table) = tables().device(table_id) else {
        return number.to_string();
    };
    let written = table.written(number);
    match table.row(number) {
        Some(row) => format!("{written} {}", row.name),
        None => written,
    }
}

/// Is this code of the table no fault?
#[must_use]
pub fn is_ok(table_id: &str, number: i64) -> bool {
    tables()
        .device(table_id)
        .and_then(|t| t.row(number))
        .is_some_and(|r| r.ok)
}

type Prepared = BTreeMap<(String, i64), Vec<Tell>>;

/// The number under which what a whole table proves is kept; no code has it.
const WHOLE_TABLE: i64 = i64::MIN;

fn prepared() -> &'static Prepared {
    static TELLS: OnceLock<Prepared> = OnceLock::new();
    TELLS.get_or_init(|| {
        let mut all = Prepared::new();
        let read =
            |words: &[String]| -> Vec<Tell> { words.iter().filter_map(|w| tell(w).ok()).collect() };
        for table in &tables().devices {
            all.insert((table.id.clone(), WHOLE_TABLE), read(&table.tells));
            for row in table.rows.iter().filter(|r| r.ok || !r.tells.is_empty()) {
                all.insert((table.id.clone(), row.number.0), read(&row.tells));
            }
        }
        all
    })
}

fn prepared_table(table_id: &str) -> Option<&'static Vec<Tell>> {
    prepared().get(&(table_id.to_owned(), WHOLE_TABLE))
}

/// Faults of the words in the tables, one sentence each.
#[must_use]
pub fn check() -> Vec<String> {
    let mut faults = Vec::new();
    let mut words = |table: &DeviceTable, given: &[String]| {
        for word in given {
            if let Err(why) = tell(word) {
                faults.push(format!("table {}: {why}", table.id));
            }
        }
    };
    for table in &tables().devices {
        words(table, &table.tells);
        for row in &table.rows {
            words(table, &row.tells);
        }
    }
    faults
}
