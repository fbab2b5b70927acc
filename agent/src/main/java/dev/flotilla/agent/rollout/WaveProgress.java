package dev.flotilla.agent.rollout;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a wave has come, as one observer sees it at one time.
 *
 * @param begins the time from which its nodes may go, as far as the waves before tell; a guess for those that can't go yet
 * @param deadline when it has to have passed so as not to stop the rollout; absent where it goes by time alone
 * @param counted nodes whose reports decide
 * @param needed how many of them have to be healthy for the soak
 * @param healthy how many of them are
 * @param failed how many of them have failed
 * @param open whether the waves before have passed
 * @param passed whether the waves after it may go
 */
public record WaveProgress(
        int wave,
        Instant begins,
        Optional<Instant> deadline,
        int counted,
        int needed,
        int healthy,
        int failed,
        boolean open,
        boolean passed) {}
