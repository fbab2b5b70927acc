package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.controller.fleet.WheelBuilder;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.Provenance;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Builds wheels on a fleet's builders: several at a time, each on its own. A builder that can't build, and an sdist that can't be built, keep nobody
 * else waiting. What is built goes to a folder at once, so that a run that is ended is gone on with by the next. For one run.
 */
public final class WheelBuilds {
    private static final int LONGEST_REASON = 500;

    private final WheelsSettings settings;
    private final Machines machines;
    private final SimpleIndex index;
    private final BuildFolder folder;
    private final Manner manner;
    private final Clock clock;
    private final Consumer<String> heard;
    private final List<BuiltWheel> present = new ArrayList<>();
    private final Results results = new Results();
    private final AtomicInteger begun = new AtomicInteger();

    /** The machines of builders. */
    @FunctionalInterface
    public interface Machines {
        Machine machine(WheelBuilder builder) throws IOException;
    }

    /**
     * How builds happen.
     *
     * @param atOnce on all builders together; each has a bound of its own beside it
     * @param again whether each is built a second time, to see whether it comes out the same
     */
    public record Manner(int atOnce, boolean again) {}

    /**
     * What came of a run.
     *
     * @param already wheels that were there before
     * @param unready by name builders on which nothing could be built, with all that they lack
     */
    public record Summary(
            List<BuiltWheel> built,
            List<BuiltWheel> already,
            List<FailedBuild> failed,
            Map<BuilderName, List<String>> unready) {}

    private static final class Results {
        private final List<BuiltWheel> built = new ArrayList<>();
        private final List<BuiltWheel> already = new ArrayList<>();
        private final List<FailedBuild> failed = new ArrayList<>();
        private final Map<BuilderName, List<String>> unready = new TreeMap<>();

        synchronized Summary summary() {
            return new Summary(List.copyOf(built), List.copyOf(already), List.copyOf(failed), Map.copyOf(unready));
        }
    }

    /** @param heard is told, in lines for people, what happens */
    public WheelBuilds(
            WheelsSettings settings,
            Machines machines,
            SimpleIndex index,
            BuildFolder folder,
            Manner manner,
            Clock clock,
            Consumer<String> heard) {
        this.settings = settings;
        this.machines = machines;
        this.index = index;
        this.folder = folder;
        this.manner = manner;
        this.clock = clock;
        this.heard = heard;
    }

    /** What one sdist is wanted as on one platform, for several interpreters. */
    private record Batch(WheelPlatform platform, Sdist sdist, List<WantedWheel> wanted) {}

    /** Builds those that aren't there yet; each platform has to be one of the settings. {@link IOException} where the folder can't be written. */
    public Summary run(List<WantedWheel> wanted) throws IOException, InterruptedException {
        present.addAll(folder.read().built());
        Disk.remove(folder.workplace());
        var turns = new Semaphore(manner.atOnce());
        try (var sources = new Sources(
                        index.base(), folder.sources(), settings.limits().disk());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> tasks = new ArrayList<>();
            for (Map.Entry<WheelPlatform, List<Batch>> platform :
                    batches(wanted).entrySet()) {
                tasks.add(threads.submit(() -> {
                    build(platform.getKey(), platform.getValue(), sources, turns);
                    return null;
                }));
            }
            await(tasks);
        } finally {
            Disk.remove(folder.workplace());
        }
        return results.summary();
    }

    private static void await(List<Future<?>> tasks) throws IOException, InterruptedException {
        try {
            for (Future<?> task : tasks) {
                task.get();
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException disk) {
                throw disk;
            }
            throw new IllegalStateException("building wheels", failed.getCause());
        } finally {
            tasks.forEach(task -> task.cancel(true));
        }
    }

    private Map<WheelPlatform, List<Batch>> batches(List<WantedWheel> wanted) {
        Map<PlatformSlug, Map<Sha256, List<WantedWheel>>> sorted = new LinkedHashMap<>();
        for (WantedWheel one : wanted) {
            sorted.computeIfAbsent(one.platform(), ignored -> new LinkedHashMap<>())
                    .computeIfAbsent(one.sdist().digest(), ignored -> new ArrayList<>())
                    .add(one);
        }
        Map<WheelPlatform, List<Batch>> batches = new LinkedHashMap<>();
        sorted.forEach((slug, sdists) -> {
            WheelPlatform platform = Optional.ofNullable(settings.platforms().get(slug))
                    .orElseThrow(() -> new IllegalArgumentException("there is no platform " + slug));
            List<Batch> of = new ArrayList<>();
            sdists.forEach((digest, wheels) -> of.add(new Batch(
                    platform,
                    wheels.getFirst().sdist(),
                    wheels.stream()
                            .sorted(Comparator.comparingInt(
                                    one -> one.interpreter().minor()))
                            .toList())));
            batches.put(platform, of);
        });
        return batches;
    }

    private void build(WheelPlatform platform, List<Batch> batches, Sources sources, Semaphore turns)
            throws IOException, InterruptedException {
        List<Batch> open = new ArrayList<>();
        for (Batch batch : batches) {
            List<WantedWheel> missing = missing(batch);
            if (!missing.isEmpty()) {
                open.add(new Batch(platform, batch.sdist(), missing));
            }
        }
        if (open.isEmpty()) {
            return;
        }
        WheelBuilder builder = settings.builderOf(platform);
        switch (Builder.look(machines.machine(builder), builder, platform, settings.limits())) {
            case Builder.Readiness.Unready(List<String> missing) -> {
                synchronized (results) {
                    results.unready.put(builder.name(), missing);
                }
                missing.forEach(
                        line -> heard.accept(builder.name() + " can't build for " + platform.slug() + ": " + line));
            }
            case Builder.Readiness.Ready(Builder ready, List<String> remarks) -> {
                remarks.forEach(line -> heard.accept(builder.name() + ": " + line));
                build(ready, open, sources, turns);
            }
        }
    }

    /** Those for whose interpreter nothing of this sdist is there. */
    private List<WantedWheel> missing(Batch batch) throws IOException {
        List<WantedWheel> missing = new ArrayList<>();
        for (WantedWheel wanted : batch.wanted()) {
            Optional<BuiltWheel> there = there(batch.platform(), wanted);
            if (there.isPresent()) {
                folder.forget(wanted);
                synchronized (results) {
                    results.already.add(there.get());
                }
            } else {
                missing.add(wanted);
            }
        }
        return missing;
    }

    private Optional<BuiltWheel> there(WheelPlatform platform, WantedWheel wanted) throws IOException {
        List<BuiltWheel> known;
        synchronized (present) {
            known = List.copyOf(present);
        }
        for (BuiltWheel one : known) {
            boolean fits = one.built().plus(settings.rebuildAfter()).isAfter(clock.instant())
                    && one.platform().equals(platform.slug())
                    && one.provenance().sdist().digest().equals(wanted.sdist().digest())
                    && WheelName.parse(one.filename())
                            .filter(name -> name.fits(wanted.interpreter(), platform.machine()))
                            .isPresent();
            if (fits && Files.exists(one.file()) && Sources.digest(one.file()).equals(one.digest())) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    private void build(Builder builder, List<Batch> batches, Sources sources, Semaphore turns)
            throws IOException, InterruptedException {
        var here = new Semaphore(builder.settings().parallel());
        int count = batches.stream().mapToInt(batch -> batch.wanted().size()).sum();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> tasks = new ArrayList<>();
            for (Batch batch : batches) {
                tasks.add(threads.submit(() -> {
                    here.acquire();
                    try {
                        turns.acquire();
                        try {
                            for (WantedWheel wanted : batch.wanted()) {
                                // One of the interpreters before may have given a wheel for this one, too.
                                if (there(batch.platform(), wanted).isEmpty()) {
                                    build(builder, batch.platform(), wanted, sources, count);
                                }
                            }
                        } finally {
                            turns.release();
                        }
                    } finally {
                        here.release();
                    }
                    return null;
                }));
            }
            await(tasks);
        }
    }

    private void build(Builder builder, WheelPlatform platform, WantedWheel wanted, Sources sources, int count)
            throws IOException, InterruptedException {
        String what = wanted.sdist().project() + " " + wanted.sdist().version() + " for CPython " + wanted.interpreter()
                + " on " + platform.slug();
        heard.accept("building " + what + " (" + begun.incrementAndGet() + " of " + count + ")");
        long begin = System.nanoTime();
        Path work = Files.createTempDirectory(Files.createDirectories(folder.workplace()), "build-");
        Path said = work.resolve("log");
        Object result;
        try (var log = new BuildLog(said)) {
            log.say(what + ", from " + wanted.sdist().filename() + ", sha256 "
                    + wanted.sdist().digest());
            log.say("on " + builder.settings().name() + ", at " + clock.instant());
            var build = new PackageBuild(
                    builder, platform, wanted.interpreter(), settings.limits(), index, sources, work, log);
            try {
                PackageBuild.Done done = build.build(wanted.sdist());
                Optional<Boolean> same =
                        manner.again() ? Optional.of(build.again(wanted.sdist(), done)) : Optional.empty();
                result = kept(builder, wanted, done, same);
            } catch (PackageBuild.FailedException failed) {
                String reason = cut(String.valueOf(failed.getMessage()));
                log.say("no wheel: " + reason);
                result = reason;
            }
        }
        if (result instanceof BuiltWheel wheel) {
            Files.move(said, wheel.log(), StandardCopyOption.REPLACE_EXISTING);
            folder.add(wheel);
            folder.forget(wanted);
            synchronized (present) {
                present.add(wheel);
            }
            synchronized (results) {
                results.built.add(wheel);
            }
            heard.accept("  built " + wheel.filename() + " in " + seconds(begin)
                    + wheel.provenance()
                            .reproducible()
                            .map(same -> same ? ", reproducible" : ", not reproducible")
                            .orElse(""));
        } else {
            Path log = folder.log(wanted);
            Files.move(said, log, StandardCopyOption.REPLACE_EXISTING);
            var failed = new FailedBuild(
                    wanted, builder.settings().name(), clock.instant(), String.valueOf(result), Optional.of(log));
            folder.add(failed);
            synchronized (results) {
                results.failed.add(failed);
            }
            heard.accept("  FAILED " + what + " after " + seconds(begin) + ": " + failed.reason() + " (" + log + ")");
        }
        Disk.remove(work);
    }

    private BuiltWheel kept(Builder builder, WantedWheel wanted, PackageBuild.Done done, Optional<Boolean> same)
            throws IOException {
        Path file = folder.wheel(wanted.platform(), done.filename());
        Disk.sync(done.file());
        Disk.move(done.file(), file);
        return new BuiltWheel(
                wanted.platform(),
                done.filename(),
                file,
                done.digest(),
                done.size(),
                done.sound().requiresPython(),
                done.sound().metadata(),
                clock.instant(),
                new Provenance(wanted.sdist(), builder.settings().name(), wanted.interpreter(), done.tools(), same),
                folder.log(wanted.platform(), done.filename()));
    }

    /** Perhaps an sdist's own words: no more than a line, and nothing that a terminal obeys. */
    private static String cut(String reason) {
        String line = reason.replaceAll("\\p{Cntrl}", " ").strip();
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
    }

    private static String seconds(long begin) {
        return "%.1f s".formatted(Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000.0);
    }
}
