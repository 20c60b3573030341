// Sends an event to a user and prints who has acknowledged it. Nothing but the standard library.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

type result struct {
	Recipients int `json:"recipients"`
	Acks       []struct {
		UserID string `json:"userId"`
		OK     bool   `json:"ok"`
	} `json:"acks"`
}

type problem struct {
	Code          string `json:"code"`
	Detail        string `json:"detail"`
	CorrelationID string `json:"correlationId"`
}

func main() {
	body, err := json.Marshal(map[string]any{
		"event":   "protocol:updated",
		"payload": map[string]any{"protocolId": "7", "version": 3},
		"to":      map[string]any{"users": []string{"42"}},
		"ack":     map[string]any{"timeoutMs": 2000},
	})
	if err != nil {
		log.Fatal(err)
	}
	url := os.Getenv("RTSERVER_URL")
	if url == "" {
		url = "http://127.0.0.1:3000"
	}
	request, err := http.NewRequest(http.MethodPost, url+"/api/emit", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("RTSERVER_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		var why problem
		if err := json.NewDecoder(answer.Body).Decode(&why); err != nil {
			log.Fatal(answer.Status)
		}
		log.Fatalf("%s: %s (%s)", why.Code, why.Detail, why.CorrelationID)
	}
	var done result
	if err := json.NewDecoder(answer.Body).Decode(&done); err != nil {
		log.Fatal(err)
	}
	fmt.Println("recipients:", done.Recipients)
	for _, ack := range done.Acks {
		if ack.OK {
			fmt.Println(ack.UserID, "has it")
		}
	}
}
