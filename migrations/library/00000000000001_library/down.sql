DROP TABLE worklist; DROP TABLE refusal; DROP TABLE quarantine; DROP TABLE instance; DROP TABLE series; DROP TABLE study;
