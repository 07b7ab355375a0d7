-- SQLite's index is joined otherwise; nothing here.
SELECT 1;
