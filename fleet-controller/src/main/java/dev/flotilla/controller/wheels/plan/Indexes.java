package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.index.CoreMetadata;
import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.IndexPage;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/** What is asked while a plan is made: upstream's index, and beside it on the same mirror what was built for each platform. Thread-safe. */
final class Indexes implements AutoCloseable {
    private final SimpleIndex upstream;
    private final SimpleIndex.Limits limits;
    private final Predicate<ProjectName> privateNames;
    private final Map<PlatformSlug, SimpleIndex> built = new ConcurrentHashMap<>();

    Indexes(URI index, SimpleIndex.Limits limits, Predicate<ProjectName> privateNames) {
        this.upstream = new SimpleIndex(index, limits);
        this.limits = limits;
        this.privateNames = privateNames;
    }

    URI base() {
        return upstream.base();
    }

    boolean isPrivate(ProjectName project) {
        return privateNames.test(project);
    }

    /** Upstream's page; nobody is asked for a private name. */
    SimpleIndex.Page page(ProjectName project) throws InterruptedException {
        return isPrivate(project) ? new SimpleIndex.Page.Absent() : upstream.page(project);
    }

    /** What was built of it for that platform. */
    SimpleIndex.Page built(PlatformSlug platform, ProjectName project) throws InterruptedException {
        return built.computeIfAbsent(
                        platform, slug -> new SimpleIndex(base().resolve("../wheel/" + slug + "/simple/"), limits))
                .page(project);
    }

    /** What a version requires on that target, by the metadata of a wheel or static ones of its sdist; empty where only a build can tell. */
    Optional<CoreMetadata> metadata(ProjectName project, Version version, Target target) throws InterruptedException {
        List<IndexFile> files = new ArrayList<>();
        if (page(project) instanceof SimpleIndex.Page.Found(IndexPage page)) {
            files.addAll(page.of(version));
        }
        Optional<CoreMetadata> fitting = ofWheel(
                files.stream()
                        .filter(file -> Deciding.fits(
                                file, target.interpreter(), target.platform().machine()))
                        .toList(),
                upstream);
        if (fitting.isPresent()) {
            return fitting;
        }
        PlatformSlug slug = target.platform().slug();
        if (built(slug, project) instanceof SimpleIndex.Page.Found(IndexPage page)) {
            Optional<CoreMetadata> own = ofWheel(page.of(version), upstream);
            if (own.isPresent()) {
                return own;
            }
        }
        // A wheel for another platform says the same, with markers where platforms differ.
        Optional<CoreMetadata> other =
                ofWheel(files.stream().filter(file -> !file.isSdist()).toList(), upstream);
        return other.isPresent()
                ? other
                : ofWheel(files.stream().filter(IndexFile::isSdist).toList(), upstream)
                        .filter(CoreMetadata::isStatic);
    }

    private static Optional<CoreMetadata> ofWheel(List<IndexFile> files, SimpleIndex index)
            throws InterruptedException {
        for (IndexFile file : files) {
            if (file.metadata() && index.metadata(file) instanceof SimpleIndex.Metadata.Found(String fields)) {
                try {
                    return Optional.of(CoreMetadata.read(fields));
                } catch (IllegalArgumentException excessive) {
                    // Another file's may do.
                }
            }
        }
        return Optional.empty();
    }

    /** A question whose answer is kept. */
    @FunctionalInterface
    interface Question<T> {
        void ask(T about) throws InterruptedException;
    }

    /** Asks about all of them, as many at once as the index bears, so that who asks one by one afterwards doesn't wait. */
    static <T> void ahead(Collection<T> things, Question<T> question) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> asked = new ArrayList<>();
            for (T thing : things) {
                asked.add(threads.submit(() -> {
                    question.ask(thing);
                    return thing;
                }));
            }
            for (Future<?> one : asked) {
                one.get();
            }
        } catch (ExecutionException fault) {
            throw new IllegalStateException("a question to an index", fault);
        }
    }

    @Override
    public void close() {
        upstream.close();
        built.values().forEach(SimpleIndex::close);
    }
}
