CREATE TABLE ports (
    name TEXT PRIMARY KEY,
    mean_level REAL NOT NULL
);
