DROP TABLE confirming_authority;
DROP TABLE signature_confirmation;
