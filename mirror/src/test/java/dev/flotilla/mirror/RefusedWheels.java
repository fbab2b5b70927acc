package dev.flotilla.mirror;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mirror whose index of wheels, signed by whomever, has what clients of the overlay must not get: beside each, what upstream has. For every
 * client, so that one matrix holds for all of them.
 */
record RefusedWheels(SampleUpstream upstream, SampleWheelhouse house, RunningMirror mirror) implements AutoCloseable {
    static final String VIEW = "/overlay/" + SampleWheelhouse.PLATFORM;

    /** A wheel of it can be told from upstream's by what it requires, which nobody has. */
    private static final List<String> NOBODYS = List.of("flotilla-test-nobodys");

    /**
     * What a job asks for.
     *
     * @param module its file once it is installed
     * @param said what has to stand in it; absent where the job has to fail
     */
    record Case(String what, String requirement, String module, Optional<String> said) {
        private static Case upstreams(String what, String requirement, String module, String said) {
            return new Case(what, requirement, module, Optional.of(said));
        }

        private static Case refused(String what, String requirement) {
            return new Case(what, requirement, "", Optional.empty());
        }
    }

    static final List<Case> CASES = List.of(
            Case.upstreams(
                    "a higher version than upstream's newest",
                    "flotilla-test-higher",
                    "flotilla_test_higher.py",
                    new SampleSdist("flotilla-test-higher", "1.0").said()),
            Case.refused("that version by its number", "flotilla-test-higher==2.0"),
            Case.upstreams(
                    "a name that upstream has given to other bytes",
                    "flotilla-test-bytes",
                    "flotilla_test_bytes.py",
                    "NAME = 'flotilla-test-bytes 1.0'"),
            Case.refused("a private name", "flotilla-test-private"),
            Case.refused("a project that upstream doesn't have", "flotilla-test-ours"));

    static RefusedWheels start(Path folder) throws IOException {
        var upstream = SampleUpstream.json();
        new SampleSdist("flotilla-test-higher", "1.0").offerOn(upstream);
        new SampleWheel("flotilla-test-bytes", "1.0", List.of()).offerOn(upstream);
        var house = new SampleWheelhouse(folder.resolve("wheels"))
                .with(new SampleWheel("flotilla-test-higher", "2.0", List.of()))
                .with(new SampleWheel("flotilla-test-bytes", "1.0", NOBODYS))
                .with(new SampleWheel("flotilla-test-private", "1.0", List.of()))
                .with(new SampleWheel("flotilla-test-ours", "1.0", List.of()))
                .publish();
        return new RefusedWheels(
                upstream,
                house,
                RunningMirror.start(
                        upstream,
                        folder.resolve("store"),
                        new MovableClock(),
                        house.configuration() + "policy { private-names = [ \"flotilla-test-private\" ] }\n"));
    }

    @Override
    public void close() {
        mirror.close();
        house.close();
        upstream.close();
    }
}
