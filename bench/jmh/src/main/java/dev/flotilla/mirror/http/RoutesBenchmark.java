package dev.flotilla.mirror.http;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A target as it comes, of every kind that a hit has, and as it is known. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoutesBenchmark {
    @Param({
        "/simple/requests/",
        "/cooldown/7d/simple/requests/",
        "/packages/5e/a2/6d1b1a6f1a2d4f3c9b8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a/requests-2.32.5-py3-none-any.whl.metadata"
    })
    public String target = "";

    private final KnownRoutes known = new KnownRoutes();

    @Benchmark
    public Object parsed() {
        return Routes.client(target);
    }

    /** Each request's target is a text of its own. */
    @Benchmark
    public Object remembered() {
        return known.client(new StringBuilder(target).toString());
    }
}
