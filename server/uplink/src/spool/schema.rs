//! The spool's tables, as `migrations/spool/receipts` makes them.

diesel::table! {
    receipt (id) {
        id -> BigInt,
        delivery_id -> Text,
        channel -> Text,
        address -> Text,
        lane -> Text,
        protocol -> Text,
        dedupe_key -> Binary,
        received_at -> BigInt,
        complete -> Bool,
        raw -> Binary,
        raw_size -> BigInt,
        raw_sha256 -> Text,
        state -> Text,
        reason -> Text,
        settled_at -> BigInt,
        repeats -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    partial (id) {
        id -> BigInt,
        channel -> Text,
        address -> Text,
        started_at -> BigInt,
    }
}

diesel::table! {
    partial_frame (partial_id, ordinal) {
        partial_id -> BigInt,
        ordinal -> BigInt,
        bytes -> Binary,
    }
}
