mod deep;
mod properties;
mod unify;
