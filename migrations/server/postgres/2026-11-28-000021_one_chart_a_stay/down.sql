DROP INDEX document_one_chart;
