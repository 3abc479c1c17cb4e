mod properties;
mod unify;
