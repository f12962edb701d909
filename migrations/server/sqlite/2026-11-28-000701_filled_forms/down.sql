DROP TABLE signed_sheet;
