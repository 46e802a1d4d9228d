/** Stands for sim/moddable/bench.ts while the contract runs under Moddable. */
export { contractBench as makeBench } from "../support/contract-board";
