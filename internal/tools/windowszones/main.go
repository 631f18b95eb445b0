// Command windowszones writes a table from Windows' names of time zones to
// IANA's, made from CLDR's windowsZones in JSON. In the root of the repository:
//
//	npm pack cldr-core@48.2.0
//	tar -xzOf cldr-core-48.2.0.tgz package/supplemental/windowsZones.json |
//	  go run -C internal/tools ./windowszones >internal/provider/windows_zones.txt
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
)

func main() {
	var data struct {
		Supplemental struct {
			WindowsZones struct {
				MapTimezones []struct {
					MapZone struct {
						Windows   string `json:"_other"`
						IANA      string `json:"_type"`
						Territory string `json:"_territory"`
					} `json:"mapZone"`
				} `json:"mapTimezones"`
			} `json:"windowsZones"`
		} `json:"supplemental"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&data); err != nil {
		log.Fatal(err)
	}

	var lines []string
	for _, m := range data.Supplemental.WindowsZones.MapTimezones {
		// 001 is the world: the zone if nothing is known about the territory.
		if m.MapZone.Territory == "001" {
			lines = append(lines, m.MapZone.Windows+"\t"+m.MapZone.IANA)
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
