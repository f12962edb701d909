-- Under which signing rules of the house a signature was given (Circular 46/2018, Art. 13.3a); none where none were in force.
ALTER TABLE signature ADD COLUMN rules_id TEXT COLLATE "C" REFERENCES house_decision (id);
