mod choke;
mod deep;
mod properties;
mod unify;
