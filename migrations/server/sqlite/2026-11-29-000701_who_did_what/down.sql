DROP INDEX audit_of_actor;
