package dev.flotilla.agent.configuration;

import dev.flotilla.agent.archive.ProgramArchive;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;

/**
 * How much an agent takes from a release.
 *
 * @param mirrorConfiguration the largest configuration; the mirror itself reads no more
 * @param program the largest program archive
 * @param archive what the archive may unpack to
 * @param freeSpace what stays free on the disk when a program is fetched and unpacked
 * @param tries how often a release may fail for a reason that may pass (a damaged download, a check that took too long, an
 *     agent that was killed in the middle) before it is refused for good
 * @param rememberedRefusals how many refused releases are remembered, the latest
 * @param reportsPerCycle how many reports of other nodes are read in one cycle while a rollout is waited for
 * @param wheelIndex the largest index of a platform's wheels; the mirror itself reads no more
 * @param wheelPlatforms how many platforms may have one
 */
public record Limits(
        ByteSize mirrorConfiguration,
        ByteSize program,
        ProgramArchive.Limits archive,
        ByteSize freeSpace,
        int tries,
        int rememberedRefusals,
        int reportsPerCycle,
        ByteSize wheelIndex,
        int wheelPlatforms) {
    /** The defaults. */
    public static final Limits USUAL = new Limits(
            ByteSize.ofMiB(1),
            ByteSize.ofMiB(512),
            ProgramArchive.Limits.USUAL,
            ByteSize.ofMiB(64),
            3,
            20,
            50,
            ByteSize.ofMiB(64),
            256);

    static Setting<Limits> read(Settings settings) {
        var configuration = settings.size("mirror-configuration", USUAL.mirrorConfiguration(), ByteSize.ofKiB(1));
        var program = settings.size("program", USUAL.program(), ByteSize.ofKiB(1));
        var entries = settings.integer("program-entries", USUAL.archive().entries(), 1, 1_000_000);
        var unpacked = settings.size("program-unpacked", USUAL.archive().unpacked(), ByteSize.ofKiB(1));
        var ratio = settings.integer("program-ratio", USUAL.archive().ratio(), 1, 10_000);
        var free = settings.size("free-space", USUAL.freeSpace(), new ByteSize(0));
        var tries = settings.integer("tries", USUAL.tries(), 1, 100);
        var remembered = settings.integer("remembered-refusals", USUAL.rememberedRefusals(), 1, 1000);
        // A second or two of small requests; of larger waves some are looked at in each cycle, in turn.
        var reports = settings.integer("reports-per-cycle", USUAL.reportsPerCycle(), 1, 10_000);
        var wheelIndex = settings.size("wheel-index", USUAL.wheelIndex(), ByteSize.ofKiB(1));
        var platforms = settings.integer("wheel-platforms", USUAL.wheelPlatforms(), 1, 256);
        return settings.build(() -> new Limits(
                configuration.get(),
                program.get(),
                new ProgramArchive.Limits(entries.get(), unpacked.get(), ratio.get()),
                free.get(),
                tries.get(),
                remembered.get(),
                reports.get(),
                wheelIndex.get(),
                platforms.get()));
    }
}
