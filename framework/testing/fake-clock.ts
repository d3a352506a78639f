export { type VirtualClock as FakeClock, virtualClock as fakeClock } from "../local/virtual-clock.ts";
