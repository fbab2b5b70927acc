package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A page as PyPI's, every file with digest, size, time and metadata: read and written in both forms, and what pip accepts. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PagesBenchmark {
    private static final ProjectName NAME = ProjectName.of("sample");
    private static final URI PLACE = URI.create("https://index.example/simple/sample/");
    private static final Optional<String> PIP = Optional.of(
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01");

    @Param({"40", "3600"})
    public int files;

    private final PageParser parser = new PageParser(Limits.usual());
    private byte[] json = {};
    private byte[] html = {};
    private ProjectPage page = ProjectPage.of(NAME, List.of(), List.of());

    @Setup
    public void prepare() {
        String entries =
                IntStream.range(0, files).mapToObj(PagesBenchmark::entry).collect(Collectors.joining(","));
        json = ("{\"meta\":{\"api-version\":\"1.4\"},\"name\":\"sample\",\"versions\":[],\"files\":[" + entries + "]}")
                .getBytes(StandardCharsets.UTF_8);
        page = switch (parser.parse(PageForm.JSON, json, PLACE, NAME)) {
            case PageParsing.Parsed parsed -> parsed.page();
            case PageParsing.Unreadable unreadable -> throw new IllegalStateException(unreadable.reason());
        };
        html = PageRenderer.html(page, FileLinks.relative());
    }

    private static String entry(int number) {
        String filename = "sample-1." + number + "-py3-none-any.whl";
        String digest = Sha256.of(filename.getBytes(StandardCharsets.UTF_8)).hex();
        return """
                {"filename":"%1$s","url":"/packages/%2$s/%3$s/%4$s/%1$s","hashes":{"sha256":"%5$s"},"requires-python":">=3.9","size":%6$d,\
                "upload-time":"2026-01-01T00:00:00.000000Z","yanked":false,"core-metadata":{"sha256":"%5$s"}}""".formatted(
                filename, digest.substring(0, 2), digest.substring(2, 4), digest.substring(4), digest, 10_000 + number);
    }

    @Benchmark
    public Object parseJson() {
        return parser.parse(PageForm.JSON, json, PLACE, NAME);
    }

    @Benchmark
    public Object parseHtml() {
        return parser.parse(PageForm.HTML, html, PLACE, NAME);
    }

    @Benchmark
    public Object renderJson() {
        return PageRenderer.json(page, FileLinks.relative());
    }

    @Benchmark
    public Object renderHtml() {
        return PageRenderer.html(page, FileLinks.relative());
    }

    @Benchmark
    public Object negotiate() {
        return Negotiation.form(PIP, Optional.empty());
    }
}
