//! Queries of the branding of the installation and of companies.

pub(super) mod company;
pub(super) mod installation;
pub(super) mod reading;
pub(super) mod writing;
