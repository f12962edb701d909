DROP TABLE house_decision;
