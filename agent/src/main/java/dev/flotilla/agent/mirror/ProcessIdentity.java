package dev.flotilla.agent.mirror;

/**
 * One process for all time, where a number alone may come back for another one.
 *
 * @param startTicks when it started, in clock ticks since the machine booted (proc(5), field 22 of stat)
 * @param boot the boot that the ticks count from
 */
record ProcessIdentity(long pid, long startTicks, String boot) {}
