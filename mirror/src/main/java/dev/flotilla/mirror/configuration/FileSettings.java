package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.files.FileLimits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/** Reads the bounds of downloads. */
final class FileSettings {
    private FileSettings() {}

    static Setting<FileLimits> read(Settings settings) {
        var usual = FileLimits.defaults();
        var instant = Duration.ofMillis(10);
        var day = Duration.ofDays(1);
        var least = ByteSize.ofKiB(1);
        var downloads = settings.integer("concurrent-downloads", usual.concurrentDownloads(), 1, 10_000);
        var waiting = settings.integer("waiting-downloads", usual.waitingDownloads(), 0, 1_000_000);
        var open = settings.duration("open-deadline", usual.openDeadline(), instant, day);
        var download = settings.duration("download-deadline", usual.downloadDeadline(), instant, day);
        var attempts = settings.integer("attempts", usual.attempts(), 1, 50);
        var largest = settings.size("largest-file", usual.largestFile(), least);
        var holdBack = settings.size("hold-back", usual.holdBack(), new ByteSize(1));
        var chunk = settings.size("chunk", usual.chunk(), least);
        var intake = settings.size("intake-buffer", usual.intakeBuffer(), least);
        var followers = settings.integer("followers", usual.followers(), 1, 10_000_000);
        var remembered = settings.integer("remembered-attempts", usual.rememberedAttempts(), 0, 10_000_000);
        var metadata = settings.size("largest-metadata", usual.largestMetadata(), least);
        var hotMemory = settings.size("hot-memory", usual.hotMemory(), new ByteSize(0));
        var hotFile = settings.size("largest-hot-file", usual.largestHotFile(), least);
        var mappedMemory = settings.size("mapped-memory", usual.mappedMemory(), new ByteSize(0));
        var mappedFile = settings.size("largest-mapped-file", usual.largestMappedFile(), least);
        return settings.build(() -> new FileLimits(
                downloads.get(),
                waiting.get(),
                open.get(),
                download.get(),
                attempts.get(),
                largest.get(),
                holdBack.get(),
                chunk.get(),
                intake.get(),
                followers.get(),
                remembered.get(),
                metadata.get(),
                hotMemory.get(),
                hotFile.get(),
                mappedMemory.get(),
                mappedFile.get()));
    }
}
