package dev.flotilla.controller.wheels.requirement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerTest {
    private static final MarkerEnvironment DEBIAN_12 =
            MarkerEnvironment.of(new Interpreter(11, false), new Machine("x86_64", Machine.Library.GLIBC, 2, 36));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "python_version >= '3.9' | YES",
                "python_version < '3.9' | NO",
                "python_full_version < '3.9' | NO",
                "python_full_version >= '3.8.1' | YES",
                "python_full_version < '3.11.3' | PERHAPS",
                "python_full_version == '3.11.0' | PERHAPS",
                "python_full_version == '3.11.*' | YES",
                "python_full_version != '3.11.4' | PERHAPS",
                "implementation_version >= '3.11' | YES",
                "'3.11.2' < python_full_version | PERHAPS",
                "platform_release >= '5' | PERHAPS",
                "platform_release >= '5' and sys_platform == 'win32' | NO",
                "platform_release >= '5' or sys_platform == 'linux' | YES",
                "sys_platform == 'linux' and platform_machine in 'x86_64 aarch64' | YES",
                "extra == 'socks' | NO",
                "extra != 'socks' | YES",
                "'lint' in dependency_groups | NO",
                "'lint' not in extras | YES",
                "os.name == 'posix' and python_implementation == 'CPython' | YES"
            })
    void whatIsKnownOfAMachineThatIsNotThereIsSaid(String marker, Marker.Verdict verdict) {
        assertThat(Marker.parse(marker).holds(DEBIAN_12)).isEqualTo(verdict);
    }

    @Test
    void anExtraIsAskedForByAnyOfItsSpellings() {
        assertThat(Marker.parse("(extra == 'Test_All')").holds(DEBIAN_12.withExtras(Set.of("docs", "test.all"))))
                .isEqualTo(Marker.Verdict.YES);
        assertThat(Marker.parse("extra == 'test' or extra == 'lint'").holds(DEBIAN_12.withExtras(Set.of("docs"))))
                .isEqualTo(Marker.Verdict.NO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "python_version",
                "python_version >",
                "python_version > 3",
                "python_version > '3",
                "(python_version > '3'",
                "python_version > '3' and",
                "python_version > '3' nand os_name == 'x'",
                "pythonversion > '3'",
                "python_version not '3'",
                "python_version > '3')"
            })
    void whatIsNoMarkerIsRefused(String text) {
        assertThatThrownBy(() -> Marker.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no marker (PEP 508): ");
    }

    @Test
    void noMarkerIsDeeperThanItsReaderBears() {
        assertThatThrownBy(() -> Marker.parse("(".repeat(2_000) + "os_name == ''" + ")".repeat(2_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Marker.parse("os_name == '" + "x".repeat(5_000) + "'"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequirementWithAnAddressTellsIt() {
        Requirement requirement = Requirement.parse("Some.Project[a] @ https://example.org/a-1.zip ; os_name == 'nt'");
        assertThat(requirement.url()).contains("https://example.org/a-1.zip");
        assertThat(requirement.applies(DEBIAN_12)).isEqualTo(Marker.Verdict.NO);
        assertThat(requirement).hasToString("some-project[a] @ https://example.org/a-1.zip");
    }
}
