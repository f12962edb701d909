//! Tables as both databases have them: only types that SQLite and PostgreSQL share.
//!
//! Kept beside `migrations/server/{sqlite,postgres}`; a test compares the three.

diesel::table! {
    facility (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        authority -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    department (id) {
        id -> Text,
        facility_id -> Text,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    ward (id) {
        id -> Text,
        department_id -> Text,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    bed (id) {
        id -> Text,
        ward_id -> Text,
        label -> Text,
        room -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    user_account (id) {
        id -> Text,
        username -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        pin_hash -> Nullable<Text>,
        must_change_password -> Bool,
        failed_logins -> BigInt,
        failed_pins -> BigInt,
        locked_until -> Nullable<BigInt>,
        pin_locked -> Bool,
        disabled_at -> Nullable<BigInt>,
        last_login_at -> Nullable<BigInt>,
        created_at -> BigInt,
        password_set_at -> BigInt,
        enabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    user_ward (user_id, ward_id) {
        user_id -> Text,
        ward_id -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    second_factor (user_id) {
        user_id -> Text,
        sealed -> Nullable<Binary>,
        enrolled_at -> Nullable<BigInt>,
        last_step -> BigInt,
        failed -> BigInt,
        shut_until -> Nullable<BigInt>,
        offered -> Nullable<Binary>,
        offered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_code (user_id, hash) {
        user_id -> Text,
        hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    security_key (id) {
        id -> Text,
        user_id -> Text,
        host -> Text,
        credential_id -> Binary,
        public_key -> Binary,
        counter -> BigInt,
        transports -> Text,
        name -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    session (id) {
        id -> Text,
        token_hash -> Text,
        user_id -> Text,
        csrf -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        locked_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        opened_from -> Nullable<Text>,
        seen_from -> Nullable<Text>,
    }
}

diesel::table! {
    session_place (session_id, address, first_at) {
        session_id -> Text,
        address -> Text,
        user_id -> Text,
        first_at -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    kit_password (subject) {
        subject -> Text,
        sealed -> Binary,
        set_by -> Text,
        set_at -> BigInt,
    }
}

diesel::table! {
    kit_token (id) {
        id -> Text,
        ward_id -> Text,
        label -> Text,
        token_hash -> Text,
        issued_by -> Text,
        issued_at -> BigInt,
        revoked_by -> Nullable<Text>,
        revoked_at -> Nullable<BigInt>,
        fetched_at -> Nullable<BigInt>,
        fetched_kit_at -> Nullable<BigInt>,
        noted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    access_hours (subject_kind, subject) {
        subject_kind -> Text,
        subject -> Text,
        hours -> Text,
        set_by -> Nullable<Text>,
        set_at -> BigInt,
    }
}

diesel::table! {
    emergency_access (id) {
        id -> Text,
        user_id -> Text,
        encounter_id -> Text,
        ward_id -> Text,
        why -> Text,
        reason -> Text,
        opened_at -> BigInt,
        ends_at -> BigInt,
        opened_from -> Nullable<Text>,
        verdict -> Nullable<Text>,
        review_note -> Nullable<Text>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    request_reader (id) {
        id -> Text,
        request_id -> Text,
        user_id -> Text,
        given_by -> Text,
        given_at -> BigInt,
        last_read_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    seal_keeper (id) {
        id -> Text,
        department_id -> Text,
        user_id -> Text,
        given_by -> Text,
        given_at -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    record_restriction (id) {
        id -> Text,
        encounter_id -> Text,
        key_id -> BigInt,
        sealed -> Binary,
        restricted_by -> Text,
        restricted_at -> BigInt,
        lifted_by -> Nullable<Text>,
        lifted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    record_reader (id) {
        id -> Text,
        restriction_id -> Text,
        encounter_id -> Text,
        user_id -> Text,
        assigned_by -> Text,
        assigned_at -> BigInt,
        dismissed_by -> Nullable<Text>,
        dismissed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    treating_doctor (id) {
        id -> Text,
        encounter_id -> Text,
        user_id -> Text,
        part -> Text,
        named_by -> Text,
        named_at -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ward_duty (id) {
        id -> Text,
        ward_id -> Text,
        user_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        set_by -> Text,
        set_at -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    password_history (user_id, set_at) {
        user_id -> Text,
        set_at -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    certificate (id) {
        id -> Text,
        user_id -> Nullable<Text>,
        purpose -> Text,
        subject -> Text,
        issuer -> Text,
        serial -> Text,
        not_before -> BigInt,
        not_after -> BigInt,
        der -> Binary,
        wrapped_key -> Nullable<Text>,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
        key_holder -> Text,
        key_reference -> Nullable<Text>,
        department_id -> Nullable<Text>,
    }
}

diesel::table! {
    certificate_revocation (certificate_id) {
        certificate_id -> Text,
        serial -> Text,
        revoked_at -> BigInt,
        revoked_by -> Nullable<Text>,
        reason -> Text,
        note -> Text,
    }
}

diesel::table! {
    trust_change (id) {
        id -> Text,
        at -> BigInt,
        change -> Text,
        kind -> Text,
        fingerprint -> Text,
        subject -> Text,
        der -> Binary,
        by_id -> Nullable<Text>,
        reason -> Text,
    }
}

diesel::table! {
    archive_leaf (place) {
        place -> BigInt,
        kind -> Text,
        of_id -> Text,
        hash -> Text,
    }
}

diesel::table! {
    archive_stamp (seq) {
        seq -> BigInt,
        at -> BigInt,
        size -> BigInt,
        body -> Text,
        token -> Binary,
        evidence -> Text,
        edge -> Text,
        source -> Text,
        ends_at -> BigInt,
    }
}

diesel::table! {
    counter (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    idempotency (user_id, idempotency_key) {
        user_id -> Text,
        idempotency_key -> Text,
        request_hash -> Text,
        response -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    patient (id) {
        id -> Text,
        facility_id -> Text,
        code -> Text,
        version -> BigInt,
        name -> Text,
        name_key -> Text,
        birth_date -> Nullable<Text>,
        sex -> Text,
        phone -> Text,
        address -> Text,
        allergies -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    patient_version (patient_id, version) {
        patient_id -> Text,
        version -> BigInt,
        recorded_at -> BigInt,
        author_id -> Nullable<Text>,
        body -> Text,
    }
}

diesel::table! {
    patient_link (patient_id) {
        patient_id -> Text,
        resolves_to -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    patient_identifier (system, value) {
        system -> Text,
        value -> Text,
        patient_id -> Text,
        valid_from -> BigInt,
    }
}

diesel::table! {
    patient_term (term, patient_id) {
        term -> Text,
        patient_id -> Text,
    }
}

diesel::table! {
    encounter (id) {
        id -> Text,
        patient_id -> Text,
        number -> Text,
        state -> Text,
        ward_id -> Text,
        admitted_at -> BigInt,
        discharged_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        diagnosis -> Text,
        icd10 -> Nullable<Text>,
        pregnant -> Bool,
        key_id -> BigInt,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    bed_assignment (id) {
        id -> Text,
        encounter_id -> Text,
        bed_id -> Text,
        slot -> BigInt,
        from_at -> BigInt,
        to_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    device (id) {
        id -> Text,
        sender_key -> Text,
        name -> Text,
        kind -> Text,
        channel -> Text,
        bed_id -> Nullable<Text>,
        last_seen_at -> Nullable<BigInt>,
        skew -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    inbox (seq) {
        seq -> BigInt,
        id -> Text,
        device_id -> Text,
        kind -> Text,
        state -> Text,
        reason -> Text,
        received_at -> BigInt,
        effective_at -> Nullable<BigInt>,
        specimen -> Nullable<Text>,
        body -> Text,
        raw -> Binary,
        raw_sha256 -> Text,
        key_id -> BigInt,
        encounter_id -> Nullable<Text>,
        handled_by -> Nullable<Text>,
        handled_at -> Nullable<BigInt>,
        recorded_at -> BigInt,
        ward_id -> Nullable<Text>,
    }
}

diesel::table! {
    observation_set (id) {
        id -> Text,
        encounter_id -> Text,
        current_version -> BigInt,
        status -> Text,
        source -> Text,
        device_id -> Nullable<Text>,
        inbox_id -> Nullable<Text>,
        slot_key -> Nullable<Text>,
        effective_at -> BigInt,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    observation_set_version (set_id, version) {
        set_id -> Text,
        version -> BigInt,
        status -> Text,
        effective_at -> BigInt,
        recorded_at -> BigInt,
        author_id -> Nullable<Text>,
        reason_code -> Nullable<Text>,
        reason -> Nullable<Text>,
        body -> Text,
        sha256 -> Text,
        key_id -> BigInt,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    document (id) {
        id -> Text,
        encounter_id -> Text,
        form_code -> Text,
        form_version -> BigInt,
        title -> Text,
        current_version -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    blob (sha256) {
        sha256 -> Text,
        media_type -> Text,
        size -> BigInt,
        key_id -> BigInt,
        bytes -> Binary,
        created_at -> BigInt,
        encounter_id -> Nullable<Text>,
    }
}

diesel::table! {
    document_version (document_id, version) {
        document_id -> Text,
        version -> BigInt,
        status -> Text,
        effective_at -> BigInt,
        recorded_at -> BigInt,
        author_id -> Text,
        reason_code -> Nullable<Text>,
        reason -> Nullable<Text>,
        body -> Text,
        sha256 -> Text,
        pdf_sha256 -> Nullable<Text>,
        key_id -> BigInt,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    signature (id) {
        id -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        subject_version -> BigInt,
        encounter_id -> Text,
        signer_id -> Text,
        certificate_id -> Text,
        signed_at -> BigInt,
        format -> Text,
        sha256 -> Text,
        value -> Binary,
        evidence -> Text,
        key_id -> BigInt,
        rules_id -> Nullable<Text>,
    }
}

diesel::table! {
    catalog_item (code) {
        code -> Text,
        kind -> Text,
        name -> Text,
        modality -> Nullable<Text>,
        specimen_type -> Nullable<Text>,
        position -> BigInt,
    }
}

diesel::table! {
    catalog_analyte (code) {
        code -> Text,
        item_code -> Text,
        name -> Text,
        loinc -> Nullable<Text>,
        unit -> Text,
        low -> Nullable<Double>,
        high -> Nullable<Double>,
        critical_low -> Nullable<Double>,
        critical_high -> Nullable<Double>,
        position -> BigInt,
    }
}

diesel::table! {
    specimen (id) {
        id -> Text,
        encounter_id -> Text,
        barcode -> Text,
        specimen_type -> Text,
        created_at -> BigInt,
        collected_at -> Nullable<BigInt>,
        collected_by -> Nullable<Text>,
    }
}

diesel::table! {
    service_order (id) {
        id -> Text,
        encounter_id -> Text,
        kind -> Text,
        code -> Text,
        name -> Text,
        state -> Text,
        specimen_id -> Nullable<Text>,
        accession -> Nullable<Text>,
        study_uid -> Nullable<Text>,
        modality -> Nullable<Text>,
        ordered_by -> Text,
        ordered_at -> BigInt,
        cancel_reason -> Nullable<Text>,
    }
}

diesel::table! {
    result (id) {
        id -> Text,
        encounter_id -> Text,
        order_id -> Nullable<Text>,
        specimen_id -> Nullable<Text>,
        code -> Text,
        name -> Text,
        current_version -> BigInt,
        status -> Text,
        effective_at -> BigInt,
        seen_at -> Nullable<BigInt>,
        waiting_version -> Nullable<BigInt>,
    }
}

diesel::table! {
    result_version (result_id, version) {
        result_id -> Text,
        version -> BigInt,
        status -> Text,
        value -> Text,
        number -> Nullable<Double>,
        unit -> Text,
        reference_range -> Text,
        flag -> Nullable<Text>,
        critical -> Bool,
        effective_at -> BigInt,
        recorded_at -> BigInt,
        author_id -> Nullable<Text>,
        device_id -> Nullable<Text>,
        inbox_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        key_id -> BigInt,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    study (id) {
        id -> Text,
        study_uid -> Text,
        encounter_id -> Nullable<Text>,
        order_id -> Nullable<Text>,
        linked_by -> Nullable<Text>,
        linked_at -> Nullable<BigInt>,
        accession -> Text,
        sent_patient_id -> Text,
        sent_patient_name -> Text,
        sent_birth_date -> Text,
        sent_sex -> Text,
        study_date -> Text,
        study_time -> Text,
        description -> Text,
        station_ae -> Text,
        received_at -> BigInt,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    image_removal (encounter_id) {
        encounter_id -> Text,
        asked_at -> BigInt,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    image_erasure (id) {
        id -> Text,
        encounter_id -> Text,
        study_uid -> Text,
        edge -> Text,
        asked_at -> BigInt,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    study_delivery (id) {
        id -> Text,
        study_id -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    series (series_uid) {
        series_uid -> Text,
        study_id -> Text,
        modality -> Text,
        number -> Nullable<BigInt>,
        description -> Text,
        body_part -> Text,
    }
}

diesel::table! {
    instance (sop_uid) {
        sop_uid -> Text,
        series_uid -> Text,
        sop_class -> Text,
        transfer_syntax -> Text,
        number -> Nullable<BigInt>,
        image_rows -> Nullable<BigInt>,
        image_columns -> Nullable<BigInt>,
        frames -> BigInt,
        sha256 -> Text,
        size -> BigInt,
    }
}

diesel::table! {
    audit (chain_id, seq) {
        chain_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        actor_id -> Nullable<Text>,
        act -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        patient_id -> Nullable<Text>,
        encounter_id -> Nullable<Text>,
        body -> Text,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_head (chain_id, seq) {
        chain_id -> Text,
        seq -> BigInt,
        signed_at -> BigInt,
        body -> Text,
        cms -> Binary,
        tree_edge -> Nullable<Text>,
    }
}

diesel::table! {
    job (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        state -> Text,
        run_at -> BigInt,
        attempts -> BigInt,
        last_error -> Text,
        dedupe_key -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    attention_report (edge) {
        edge -> Text,
        kind -> Text,
        name -> Text,
        reported_at -> BigInt,
        total -> BigInt,
        items -> Text,
    }
}

diesel::table! {
    attention_act (id) {
        id -> Text,
        edge -> Text,
        item_key -> Text,
        choice -> Text,
        asked_by -> Text,
        asked_at -> BigInt,
    }
}

diesel::table! {
    it_incident (id) {
        id -> Text,
        ward_id -> Nullable<Text>,
        started_at -> BigInt,
        system -> Text,
        reason -> Text,
        declared_by -> Text,
        declared_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        annulled_at -> Nullable<BigInt>,
        annulled_by -> Nullable<Text>,
        annul_reason -> Nullable<Text>,
    }
}

diesel::table! {
    security_incident (id) {
        id -> Text,
        discovered_at -> BigInt,
        entered_by -> Text,
        entered_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        closed_by -> Nullable<Text>,
        closing -> Nullable<Text>,
    }
}

diesel::table! {
    security_incident_version (incident_id, version) {
        incident_id -> Text,
        version -> BigInt,
        concerns -> Text,
        severity -> Text,
        what -> Text,
        affected -> Nullable<BigInt>,
        categories -> Text,
        measures -> Text,
        written_by -> Text,
        written_at -> BigInt,
    }
}

diesel::table! {
    security_report (id) {
        id -> Text,
        incident_id -> Text,
        duty -> Text,
        recipient -> Text,
        reference -> Text,
        sent_at -> BigInt,
        noted_by -> Text,
        noted_at -> BigInt,
    }
}

diesel::table! {
    late_entry (id) {
        id -> Text,
        entry_kind -> Text,
        entry_id -> Text,
        encounter_id -> Text,
        ward_id -> Text,
        happened_at -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Text,
        limit_hours -> BigInt,
        incident_id -> Nullable<Text>,
    }
}

diesel::table! {
    signed_sheet (signature_id) {
        signature_id -> Text,
        document_id -> Text,
        version -> BigInt,
        slot -> Text,
        pdf_sha256 -> Text,
        signed_at -> BigInt,
    }
}

diesel::table! {
    patient_signature (id) {
        id -> Text,
        signature_id -> Text,
        document_id -> Text,
        version -> BigInt,
        slot -> Text,
        encounter_id -> Text,
        method -> Text,
        scan_sha256 -> Nullable<Text>,
        signed_at -> BigInt,
        key_id -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    paper_print (id) {
        id -> Text,
        code -> Text,
        document_id -> Text,
        version -> BigInt,
        slot -> Text,
        encounter_id -> Text,
        pages -> BigInt,
        printed_by -> Text,
        printed_at -> BigInt,
    }
}

diesel::table! {
    entry_scan (id) {
        id -> Text,
        entry_kind -> Text,
        entry_id -> Text,
        encounter_id -> Text,
        sha256 -> Text,
        media_type -> Text,
        size -> BigInt,
        attached_by -> Text,
        attached_at -> BigInt,
    }
}

diesel::table! {
    paper_scan (id) {
        id -> Text,
        sha256 -> Text,
        media_type -> Text,
        size -> BigInt,
        pictures -> BigInt,
        found -> Text,
        code -> Nullable<Text>,
        pages -> Text,
        ward_id -> Nullable<Text>,
        handed_in_by -> Text,
        handed_in_at -> BigInt,
        state -> Text,
        patient_signature_id -> Nullable<Text>,
        encounter_id -> Nullable<Text>,
        key_id -> BigInt,
        bytes -> Nullable<Binary>,
    }
}

diesel::table! {
    paper_scan_event (id) {
        id -> Text,
        scan_id -> Text,
        kind -> Text,
        at -> BigInt,
        by_id -> Text,
        reason -> Text,
    }
}

diesel::table! {
    medical_record (encounter_id) {
        encounter_id -> Text,
        state -> Text,
        class -> Text,
        closed_at -> Nullable<BigInt>,
        archived_at -> Nullable<BigInt>,
        archive_number -> Nullable<Text>,
        kept_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    record_event (id) {
        id -> Text,
        encounter_id -> Text,
        kind -> Text,
        at -> BigInt,
        by_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        class -> Nullable<Text>,
        manifest_sha256 -> Nullable<Text>,
        manifest -> Nullable<Text>,
        seal -> Nullable<Binary>,
        key_id -> BigInt,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    legal_hold (id) {
        id -> Text,
        encounter_id -> Text,
        ground -> Text,
        reason -> Text,
        placed_by -> Text,
        placed_at -> BigInt,
        lifted_by -> Nullable<Text>,
        lifted_at -> Nullable<BigInt>,
        lift_reason -> Nullable<Text>,
    }
}

diesel::table! {
    destruction_list (id) {
        id -> Text,
        number -> Text,
        state -> Text,
        decision -> Text,
        reason -> Text,
        proposed_by -> Text,
        proposed_at -> BigInt,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
        cancelled_by -> Nullable<Text>,
        cancelled_at -> Nullable<BigInt>,
        cancel_reason -> Nullable<Text>,
        begun_by -> Nullable<Text>,
        begun_at -> Nullable<BigInt>,
        done_at -> Nullable<BigInt>,
        minutes -> Nullable<Text>,
        minutes_sha256 -> Nullable<Text>,
        seal -> Nullable<Binary>,
    }
}

diesel::table! {
    destruction_item (list_id, encounter_id) {
        list_id -> Text,
        encounter_id -> Text,
        state -> Text,
        note -> Text,
        erased -> Nullable<Text>,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    record_request (id) {
        id -> Text,
        number -> Text,
        encounter_id -> Text,
        state -> Text,
        requester -> Text,
        name -> Text,
        organisation -> Text,
        identity -> Text,
        paper -> Text,
        ground -> Text,
        purpose -> Text,
        extent -> Text,
        copy -> Bool,
        received_by -> Text,
        received_at -> BigInt,
        answer_by -> BigInt,
        provide_by -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        decision -> Nullable<Text>,
        granted_extent -> Nullable<Text>,
        granted_copy -> Nullable<Bool>,
        granted_until -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        consent_id -> Nullable<Text>,
        patient_paper -> Nullable<Text>,
    }
}

diesel::table! {
    subject_request (id) {
        id -> Text,
        number -> Text,
        patient_id -> Text,
        kind -> Text,
        state -> Text,
        details -> Text,
        purpose -> Nullable<Text>,
        encounter_id -> Nullable<Text>,
        given_by -> Text,
        paper -> Text,
        received_by -> Text,
        received_at -> BigInt,
        answer_by -> BigInt,
        act_by -> BigInt,
        extended_to -> Nullable<BigInt>,
        extended_by -> Nullable<Text>,
        extended_at -> Nullable<BigInt>,
        extension -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        decision -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        record_request -> Nullable<Text>,
    }
}

diesel::table! {
    consent_answer (id) {
        id -> Text,
        patient_id -> Text,
        purpose -> Text,
        version -> BigInt,
        text_sha256 -> Text,
        answer -> Text,
        given_by -> Text,
        channel -> Text,
        answered_at -> BigInt,
        taken_by -> Text,
        request_id -> Nullable<Text>,
        body -> Text,
        sha256 -> Text,
        seal -> Nullable<Binary>,
    }
}

diesel::table! {
    record_use (id) {
        id -> Text,
        request_id -> Text,
        kind -> Text,
        by_id -> Text,
        at -> BigInt,
        note -> Text,
        sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    key_store (id) {
        id -> Text,
    }
}

diesel::table! {
    signature_confirmation (signature_id) {
        signature_id -> Text,
        encounter_id -> Text,
        signed_at -> BigInt,
        document_id -> Nullable<Text>,
        version -> Nullable<BigInt>,
    }
}

diesel::table! {
    confirming_authority (id) {
        id -> Text,
        user_id -> Text,
        capacity -> Text,
        decision -> Text,
        valid_from -> BigInt,
        valid_until -> Nullable<BigInt>,
        entered_by -> Nullable<Text>,
        entered_at -> BigInt,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<BigInt>,
        withdrawal -> Nullable<Text>,
    }
}

diesel::table! {
    house_decision (id) {
        id -> Text,
        kind -> Text,
        decision -> Text,
        valid_from -> BigInt,
        entered_by -> Text,
        entered_at -> BigInt,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<BigInt>,
        withdrawal -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    facility,
    department,
    ward,
    bed,
    user_account,
    user_ward,
    second_factor,
    recovery_code,
    security_key,
    session,
    session_place,
    access_hours,
    kit_password,
    kit_token,
    emergency_access,
    request_reader,
    seal_keeper,
    record_restriction,
    record_reader,
    treating_doctor,
    ward_duty,
    password_history,
    certificate,
    certificate_revocation,
    trust_change,
    archive_leaf,
    archive_stamp,
    counter,
    idempotency,
    patient,
    patient_version,
    patient_link,
    patient_identifier,
    patient_term,
    encounter,
    bed_assignment,
    device,
    inbox,
    observation_set,
    observation_set_version,
    document,
    blob,
    document_version,
    signature,
    catalog_item,
    catalog_analyte,
    specimen,
    service_order,
    result,
    result_version,
    study,
    study_delivery,
    series,
    instance,
    audit,
    audit_head,
    job,
    attention_report,
    attention_act,
    it_incident,
    security_incident,
    security_incident_version,
    security_report,
    late_entry,
    signed_sheet,
    patient_signature,
    paper_print,
    entry_scan,
    paper_scan,
    paper_scan_event,
    medical_record,
    record_event,
    legal_hold,
    key_store,
    destruction_list,
    destruction_item,
    record_request,
    record_use,
    subject_request,
    consent_answer,
    signature_confirmation,
    confirming_authority,
    house_decision,
    image_removal,
    image_erasure,
);
