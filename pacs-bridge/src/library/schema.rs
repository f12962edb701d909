//! The journal's tables (migrations/library).

diesel::table! {
    study (id) {
        id -> BigInt,
        study_uid -> Text,
        accession -> Text,
        patient_id -> Text,
        issuer -> Text,
        patient_name -> Text,
        birth_date -> Text,
        sex -> Text,
        study_date -> Text,
        study_time -> Text,
        description -> Text,
        station_ae -> Text,
        received_at -> BigInt,
        changed -> BigInt,
        delivered -> BigInt,
    }
}

diesel::table! {
    series (id) {
        id -> BigInt,
        study_id -> BigInt,
        series_uid -> Text,
        modality -> Text,
        number -> Nullable<BigInt>,
        description -> Text,
        body_part -> Text,
    }
}

diesel::table! {
    instance (id) {
        id -> BigInt,
        series_id -> BigInt,
        sop_uid -> Text,
        sop_class -> Text,
        transfer_syntax -> Text,
        layout -> Text,
        number -> Nullable<BigInt>,
        image_rows -> Nullable<BigInt>,
        image_columns -> Nullable<BigInt>,
        frames -> BigInt,
        sha256 -> Text,
        size -> BigInt,
        header_size -> BigInt,
        pixel_offset -> Nullable<BigInt>,
        pixel_length -> Nullable<BigInt>,
        received_from -> Text,
        received_at -> BigInt,
        repeats -> BigInt,
    }
}

diesel::table! {
    quarantine (id) {
        id -> BigInt,
        why -> Text,
        sop_uid -> Text,
        study_uid -> Text,
        transfer_syntax -> Text,
        sha256 -> Text,
        size -> BigInt,
        received_from -> Text,
        received_at -> BigInt,
        repeats -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    refusal (id) {
        id -> BigInt,
        at -> BigInt,
        calling -> Text,
        called -> Text,
        address -> Text,
        reason -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    worklist (id) {
        id -> BigInt,
        pulled_at -> BigInt,
        items -> Text,
    }
}

diesel::joinable!(series -> study (study_id));
diesel::joinable!(instance -> series (series_id));
diesel::allow_tables_to_appear_in_same_query!(study, series, instance);
