mod conformance;
mod corpus;
mod oracles;
