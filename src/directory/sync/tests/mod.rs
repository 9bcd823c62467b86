//! Properties of planning, and runs against a real database.
