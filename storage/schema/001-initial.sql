-- The first schema.
CREATE TABLE store (epoch TEXT NOT NULL);
