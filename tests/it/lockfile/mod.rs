mod bounds;
mod conformance;
mod corpus;
mod fixtures;
mod hostile;
mod mutations;
mod oracles;
mod same;
