DROP TABLE trust_change;
