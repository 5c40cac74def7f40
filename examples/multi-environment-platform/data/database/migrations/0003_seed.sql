INSERT INTO ports VALUES ('brest', 4.1), ('dover', 3.7), ('vigo', 2.1);
INSERT INTO constituents VALUES
    ('brest', 'M2', 2.05, 12.42, 3.6),
    ('brest', 'S2', 0.75, 12.00, 4.6),
    ('dover', 'M2', 2.25, 12.42, 11.0),
    ('dover', 'S2', 0.71, 12.00, 0.5),
    ('vigo', 'M2', 1.15, 12.42, 2.6),
    ('vigo', 'S2', 0.40, 12.00, 3.5);
