CREATE TABLE constituents (
    port TEXT NOT NULL REFERENCES ports (name),
    name TEXT NOT NULL,
    amplitude REAL NOT NULL CHECK (amplitude >= 0),
    period_hours REAL NOT NULL CHECK (period_hours > 0),
    phase_hours REAL NOT NULL,
    PRIMARY KEY (port, name)
);
