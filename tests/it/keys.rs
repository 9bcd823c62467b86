//! Signing keys: four algorithms, rotation, replicas.
