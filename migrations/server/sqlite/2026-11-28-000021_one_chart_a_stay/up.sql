-- Two nurses who sign a patient's first round together sign one chart, not two.
CREATE UNIQUE INDEX document_one_chart ON document (encounter_id) WHERE form_code = 'theo-doi-chuc-nang-song';
