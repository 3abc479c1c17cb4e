mod conformance;
mod corpus;
mod hostile;
mod mutations;
mod oracles;
mod same;
