DROP TABLE attention_act;
DROP TABLE attention_report;
