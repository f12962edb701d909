DROP TRIGGER observation_set_filed_stays;
DROP TRIGGER observation_set_no_delete;
DROP TRIGGER document_filed_stays;
DROP TRIGGER document_no_delete;
DROP TRIGGER result_filed_stays;
DROP TRIGGER result_no_delete;
DROP TRIGGER inbox_facts_stays;
