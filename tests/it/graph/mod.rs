mod choke;
mod properties;
mod unify;
